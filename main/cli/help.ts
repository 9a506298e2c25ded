import { COMMANDS, commandsUnder, loadCommand, type CommandName } from './commands.ts';
import { EXIT_TABLE } from './exit-codes.ts';
import type { Command, OptionSpec } from './options.ts';

export const OVERVIEW =
  'Dendro backs up btrfs: reads snapshots off the device, sends the difference, brings it back.';

export const PLACES = `A place is a path on a mounted btrfs, or IMAGE-OR-DEVICE:/path/inside for one that is
not mounted: /home/me/.snapshots/1, /dev/sdb1:/backups/monday, disk.img:/home.`;

export async function overview(): Promise<string> {
  const names = Object.keys(COMMANDS) as CommandName[];
  const rows = await Promise.all(
    names.map(async (name) => [name, (await loadCommand(name)).summary] as const),
  );
  return [
    OVERVIEW,
    '',
    'usage: dendro COMMAND [OPTIONS] [ARGUMENTS]',
    '',
    ...columns(rows),
    '',
    PLACES,
    '',
    'exit codes (send and receive: 0 and 1, as btrfs-progs):',
    ...columns(EXIT_TABLE.map(([code, meaning]) => [String(code), meaning] as const)),
    '',
    'More on each: dendro COMMAND --help',
    '',
  ].join('\n');
}

/** The commands that begin with one word. */
export async function groupHelp(word: string): Promise<string> {
  const rows = await Promise.all(
    commandsUnder(word).map(async (name) => [name, (await loadCommand(name)).summary] as const),
  );
  return [...columns(rows), '', `More on each: dendro ${word} COMMAND --help`, ''].join('\n');
}

export function commandHelp(command: Command): string {
  const options = Object.entries(command.options).map(
    ([long, spec]) => [optionForm(long, spec), spec.help] as const,
  );
  return [
    ...command.usage.map((form, i) => `${i === 0 ? 'usage:' : '      '} dendro ${form}`),
    '',
    command.summary,
    ...(command.details === '' ? [] : ['', command.details]),
    '',
    ...columns([...options, ['--help', 'this text'] as const]),
    '',
  ].join('\n');
}

/** Single letters are options of their own in btrfs-progs: `-p PARENT`. */
export function optionForm(long: string, { short, value }: OptionSpec): string {
  const names = [short && `-${short}`, long.length > 1 ? `--${long}` : `-${long}`];
  const unique = [...new Set(names.filter(Boolean))];
  return `${unique.join(', ')}${value ? ` ${value}` : ''}`;
}

function columns(rows: readonly (readonly [string, string])[]): string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
