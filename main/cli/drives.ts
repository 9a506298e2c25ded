import { createInterface } from 'node:readline/promises';
import type { Client } from '../../shared/contract/client.ts';
import { conflict, DendroError, usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { printable } from '../../shared/model/bytes-text.ts';
import type { Drive } from '../../shared/model/drive.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { printJson, printLines, size, tableOr } from './output.ts';
import { withService } from './with-service.ts';
import { stderr } from '../linux/stderr.ts';

export const command = defineCommand({
  usage: [
    'drives [--json]',
    'drives mount DRIVE',
    'drives release DRIVE',
    'drives name DRIVE NAME',
    'drives forget DRIVE',
  ],
  summary: 'lists drives, here and away; mounts one, makes it safe to unplug, forgets it',
  details:
    'DRIVE is an id, a name, a label or a device of the list. mount unlocks it where that is\n' +
    'needed (the passphrase is read from standard input) and puts a small marker file on it, by\n' +
    'which it is known again. release unmounts all of its disk, locks it and takes its power.\n' +
    'forget touches nothing on it.',
  options: jsonOption,
  arguments: { least: 0, most: 3 },
  run: ({ options, positionals }) =>
    withService(async (client) => {
      const drives = await client.call('drives.list', {});
      const [action, which, name] = positionals;
      if (action === undefined) list(drives, options.json === true);
      else {
        const result = await act(client, drives, action, which, name);
        if (options.json) printJson(result);
        else if (typeof result === 'string') printLines([result]);
      }
      return EXIT.ok;
    }),
});

const HEADER = ['NAME', 'STATE', 'FILESYSTEM', 'SIZE', 'FREE', 'DEVICE', 'MODEL', 'ID'];

function list(drives: readonly Drive[], isJson: boolean): void {
  if (isJson) return printJson(drives);
  const rows = drives.map((drive) => [
    printable(drive.name),
    [drive.state, ...(drive.known ? ['known'] : []), ...(drive.system ? ['system'] : [])].join(
      ', ',
    ),
    drive.filesystem || (drive.luks ? 'LUKS' : '-'),
    size(drive.sizeBytes),
    drive.freeBytes === null ? '-' : size(drive.freeBytes),
    printable(drive.devicePath ?? '-'),
    printable(drive.disk?.model || '-'),
    drive.driveId,
  ]);
  printLines(tableOr('No drive is here or known.', HEADER, rows, [3, 4]));
  for (const { problem } of drives) {
    if (problem !== null) stderr.write(`${problem.message} ${problem.hint}\n`);
  }
}

async function act(
  client: Client,
  drives: readonly Drive[],
  action: string,
  which: string | undefined,
  name: string | undefined,
): Promise<unknown> {
  if (which === undefined || (action === 'name') !== (name !== undefined)) throw wrongWords();
  const { driveId } = chosen(drives, which);
  switch (action) {
    case 'mount': {
      const { drive } = await mounted(client, driveId);
      return printable(drive.mounts[0]!);
    }
    case 'release':
      return (await client.call('drives.release', { driveId })).state === 'powered-off'
        ? 'Safe to unplug; its power is off.'
        : 'Safe to unplug.';
    case 'name':
      return client.call('drives.change', { driveId, name: name! });
    case 'forget':
      return client.call('drives.forget', { driveId });
  }
  throw wrongWords();
}

async function mounted(client: Client, driveId: string) {
  try {
    return await client.call('drives.mount', { driveId });
  } catch (error) {
    if (!(error instanceof DendroError) || error.code !== 'passphrase-needed') throw error;
    return client.call('drives.mount', { driveId, passphrase: await passphrase() });
  }
}

/** One line of standard input; at a terminal it is not shown. */
async function passphrase(): Promise<string> {
  const { stdin } = process;
  if (stdin.isTTY) stderr.write('Passphrase: ');
  // Without an output readline echoes nothing of its own; raw mode keeps the terminal from it.
  const lines = createInterface({ input: stdin, terminal: stdin.isTTY });
  try {
    for await (const line of lines) return line;
    throw usage('no-passphrase', 'No passphrase was given.');
  } finally {
    lines.close();
    if (stdin.isTTY) stderr.write('\n');
  }
}

function chosen(drives: readonly Drive[], which: string): Drive {
  const by = (value: (drive: Drive) => string | null): Drive[] =>
    drives.filter((drive) => value(drive) === which);
  const found =
    [by((d) => d.driveId), by((d) => d.devicePath), by((d) => d.name), by((d) => d.label)].find(
      (matches) => matches.length > 0,
    ) ?? [];
  if (found.length === 1) return found[0]!;
  const text = printable(which);
  throw found.length === 0
    ? conflict('drive-unknown', say`There is no drive "${{ text }}".`, {
        hint: 'See: dendro drives',
      })
    : conflict('drive-ambiguous', say`Several drives are called "${{ text }}".`, {
        hint: 'Name one by its id: dendro drives',
      });
}

function wrongWords(): Error {
  return usage(
    'bad-arguments',
    'dendro drives takes mount, release, name or forget, and a drive.',
    {
      hint: 'See: dendro drives --help',
    },
  );
}
