import { EXIT_TABLE } from '../../main/cli/exit-codes.ts';
import { commandHelp, PLACES } from '../../main/cli/help.ts';
import { ENVIRONMENT, FILES } from '../../main/cli/surroundings.ts';
import type { CommandPage } from './command-pages.ts';
import type { ErrorCode } from './error-codes.ts';

const MADE = '<!-- Made by `npm run reference`; a test holds it to the sources. -->';

/** docs/reference/commands.md: what `--help` says, of every command. */
export function commandsReference(pages: readonly CommandPage[]): string {
  const sections = pages.map(({ name, command }) => {
    return `## dendro ${name}\n\n\`\`\`text\n${commandHelp(command).trimEnd()}\n\`\`\``;
  });
  return (
    [
      '# Commands',
      MADE,
      PLACES.replaceAll('\n', ' '),
      ...sections,
      '## Exit codes',
      'Those of `send` and `receive` are 0 and 1, as btrfs-progs has them.',
      table(
        ['code', 'meaning'],
        EXIT_TABLE.map(([code, meaning]) => [String(code), meaning]),
      ),
      '## Environment',
      table(
        ['variable', 'meaning'],
        ENVIRONMENT.map(([name, meaning]) => [`\`${name}\``, meaning]),
      ),
      '## Files',
      table(
        ['file', 'meaning'],
        FILES.map(([path, meaning]) => [`\`${path}\``, meaning]),
      ),
      '',
    ]
      .join('\n\n')
      .trimEnd() + '\n'
  );
}

/** docs/reference/errors.md: every code that an error can have. */
export function errorsReference(codes: readonly ErrorCode[]): string {
  const entries = codes.map(({ code, kinds, sentences, hints }) => {
    const said = sentences.join(' / ');
    const todo = hints.length === 0 ? '' : ` *${hints.join(' / ')}*`;
    return `- \`${code}\` (${kinds.join(', ')}) ${said}${todo}`.trimEnd();
  });
  return (
    [
      '# Errors',
      MADE,
      'Every error has a kind, which says who must act, and a code, which stays the same from version to version: scripts and translations hold on to it. `--json` (one line on stderr: `{"error": {...}}`) and the page give both; the command line prints them at the end. `…` stands for what differs from case to case.',
      table(
        ['kind', 'exit code', 'who must act'],
        [
          ['Corrupt', '4', 'the data is damaged: use another copy, repair'],
          ['Unsupported', '5', 'the format has a feature that Dendro does not read'],
          ['Denied', '3', 'a permission is missing'],
          ['Conflict', '6', 'the request does not fit what is there'],
          ['Io', '7', 'a device, a file or a pipe failed: full, unplugged, closed'],
          ['Usage', '2', 'the request itself is wrong'],
          ['Cancelled', '130', 'nobody: it was asked for'],
          ['Bug', '70', 'us'],
        ],
      ),
      '## Codes',
      'Of each its kind, what it says, and *what can be done*; where there are several of them, apart by a slash.',
      entries.join('\n'),
    ].join('\n\n') + '\n'
  );
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
