import { printable } from '../../../shared/model/bytes-text.ts';
import { counted } from '../../../shared/said.ts';
import type { ArchiveVerdict } from '../../../shared/model/archive.ts';
import { usage } from '../../../shared/errors.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { printJson, printLines, size } from '../output.ts';
import { archiveFolder, printNotes, runVerb } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';

export const command = defineCommand({
  usage: ['archive verify [--full | --chain] [--json] FOLDER'],
  summary: 'looks whether an archive is whole, and what damage spoils',
  details:
    'Quick, unless asked for more: files and sizes, and that each increment has its parent; no key\n' +
    'is needed. Exits with 1 when something is wrong.',
  options: {
    ...jsonOption,
    full: { type: 'boolean', help: 'every byte: hashes, frames, commands, indexes, each file' },
    chain: { type: 'boolean', help: 'the indexes: each chain leads to a whole tree' },
    ...secretOptions,
  },
  arguments: { least: 1, most: 1 },
  async run({ options, positionals: [folder] }) {
    if (options.full && options.chain) throw usage('bad-option', '--full does what --chain does.');
    const level = options.full ? 'full' : options.chain ? 'chain' : 'quick';
    const verdict = await withSecrets(options, (secrets) =>
      runVerb(
        'verifyArchive',
        { folder: archiveFolder(folder!), level, secrets },
        options.json === true,
      ),
    );
    printNotes(verdict.notes);
    if (options.json) printJson(verdict);
    else printLines(lines(verdict));
    return verdict.problems.length === 0 ? EXIT.ok : EXIT.no;
  },
});

function lines({ points, wholePoints, files, bytes, problems }: ArchiveVerdict): string[] {
  const read =
    bytes > 0 ? `, ${size(bytes)} read, ${files} ${counted(files, 'file', 'files')} compared` : '';
  return [
    ...problems.flatMap(({ file, message, spoils }) => [
      `${printable(file)}: ${message.text}`,
      ...(spoils.length > 0
        ? [`  not whole because of it: ${spoils.map(printable).join(', ')}`]
        : []),
    ]),
    `${wholePoints} of ${points} restore points ${counted(wholePoints, 'is', 'are')} whole${read}`,
  ];
}
