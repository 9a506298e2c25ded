import { EXIT_TABLE } from '../../main/cli/exit-codes.ts';
import { OVERVIEW, PLACES, optionForm } from '../../main/cli/help.ts';
import { ENVIRONMENT, FILES } from '../../main/cli/surroundings.ts';
import type { CommandPage } from './command-pages.ts';

/** Of what the pages are: the version and the day of the release, 2026-11-28. */
export interface Edition {
  readonly version: string;
  readonly date: string;
}

type Rows = readonly (readonly [string, string])[];

/** File names and texts in man(7): dendro.1 and one page for each command. */
export function manPages(pages: readonly CommandPage[], edition: Edition): Map<string, string> {
  const entries = pages.map(
    (page) => [`${pageName(page.name)}.1`, commandPage(page, edition)] as const,
  );
  return new Map([['dendro.1', overviewPage(pages, edition)], ...entries]);
}

function overviewPage(pages: readonly CommandPage[], edition: Edition): string {
  return [
    head('dendro', edition),
    section('NAME', ['dendro \\- backup manager for btrfs']),
    section('SYNOPSIS', ['.B dendro', '.I COMMAND', '[OPTIONS] [ARGUMENTS]']),
    section('DESCRIPTION', [text(OVERVIEW), '.PP', text(PLACES)]),
    section(
      'COMMANDS',
      pages.flatMap(({ name, command }) => [
        '.TP',
        `.BR ${pageName(name)} (1)`,
        text(command.summary),
      ]),
    ),
    section('EXIT STATUS', [
      'That of send and receive is 0 or 1, as btrfs-progs has it.',
      ...tagged(EXIT_TABLE.map(([code, meaning]) => [String(code), meaning] as const)),
    ]),
    section('ENVIRONMENT', tagged(ENVIRONMENT)),
    section('FILES', tagged(FILES)),
    section('SEE ALSO', ['.BR btrfs (8),', '.BR btrfs\\-send (8),', '.BR btrfs\\-receive (8)']),
    '',
  ].join('\n');
}

function commandPage({ name, command }: CommandPage, edition: Edition): string {
  const options = Object.entries(command.options).map(
    ([long, spec]) => [optionForm(long, spec), spec.help] as const,
  );
  return [
    head(pageName(name), edition),
    section('NAME', [`${roff(pageName(name))} \\- ${roff(command.summary)}`]),
    section(
      'SYNOPSIS',
      command.usage.flatMap((form, i) => [
        ...(i === 0 ? [] : ['.br']),
        `.B dendro ${roff(name)}`,
        ...[roff(form.slice(name.length).trim())].filter(Boolean),
      ]),
    ),
    ...(command.details === '' ? [] : [section('DESCRIPTION', [text(command.details)])]),
    section('OPTIONS', tagged([...options, ['--help', 'prints a summary of this page']])),
    section('SEE ALSO', ['.BR dendro (1)']),
    '',
  ].join('\n');
}

/** `archive export` is dendro-archive-export(1), as git has it. */
function pageName(name: string): string {
  return `dendro-${name.replaceAll(' ', '-')}`;
}

function head(name: string, { version, date }: Edition): string {
  const title = roff(name.toUpperCase());
  return `.TH "${title}" "1" "${date}" "Dendro ${version}" "Dendro"\n.nh\n.ad l`;
}

function section(title: string, lines: readonly string[]): string {
  return [`.SH ${title}`, ...lines].join('\n');
}

function tagged(rows: Rows): string[] {
  return rows.flatMap(([left, right]) => ['.TP', `.B ${roff(left)}`, text(right)]);
}

/** A paragraph or several: an empty line parts them. */
function text(plain: string): string {
  return plain
    .split('\n')
    .map((line) => (line === '' ? '.PP' : roff(line.trimStart())))
    .join('\n');
}

/** groff_char(7): a hyphen is to be copied as ASCII; a line must not begin as a request does. */
function roff(plain: string): string {
  return plain
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/, '\\&$1');
}
