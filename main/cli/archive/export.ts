import { usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import {
  EXPORT_PROTOCOL,
  type ExportInput,
  type ExportSummary,
} from '../../archive/export/export-summary.ts';
import { hasArchive } from '../../archive/folder/archive.ts';
import type { EncryptionRequest } from '../../archive/folder/keys.ts';
import { hardwareIn } from '../../linux/hardware.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption, type Options } from '../options.ts';
import { printJson, size } from '../output.ts';
import { placeOf } from '../place.ts';
import { snapshotAt } from '../place-subvolume.ts';
import { protocolOf } from '../send-options.ts';
import { archiveFolder, printNotes, runVerb } from './run-verb.ts';
import { newPassphrase, secretOptions } from './secrets.ts';
import { print } from '../print.ts';

const MIB = 1 << 20;
const MIN_PART_MIB = 1;
const MAX_LEVEL = 19;

const options = {
  ...jsonOption,
  full: { type: 'boolean', help: 'a full stream, though the archive has an older snapshot' },
  level: { type: 'string', value: 'N', help: 'of compression, 1 to 19; default 3' },
  recipient: {
    type: 'string',
    short: 'r',
    value: 'age1...',
    multiple: true,
    help: 'a new archive: encrypt to this recipient of age',
  },
  passphrase: {
    type: 'boolean',
    help: 'a new archive: encrypt; a passphrase opens it (--passphrase-file means this too)',
  },
  exclude: {
    type: 'string',
    value: 'PATTERN',
    multiple: true,
    help: 'leave out what the gitignore pattern matches',
  },
  proto: {
    type: 'string',
    value: 'N',
    help: 'stream version 2 (default), or 1: for btrfs-progs before 6.0, without inode flags',
  },
  'compressed-data': { type: 'boolean', help: 'compressed data as it is on disk (version 2)' },
  title: { type: 'string', value: 'NAME', help: "the source's folder in a new archive" },
  'part-size': { type: 'string', value: 'MIB', help: 'no file larger than this' },
  ...secretOptions,
} as const;

export const command = defineCommand({
  usage: ['archive export [OPTIONS] FOLDER SNAPSHOT ...'],
  summary: 'writes snapshots as stream files into a folder on any drive',
  details:
    'FOLDER is an archive, or empty: then it becomes one, with a README that says how to restore\n' +
    'with stock tools. A snapshot of which the archive has an older one is written as what has\n' +
    'changed since. An export that was interrupted goes on where it stopped when it is run again.',
  options,
  arguments: { least: 2, most: 10_000 },
  async run({ options: given, positionals: [folder, ...snapshots] }) {
    const settings = settingsOf(given);
    const encryption = await encryptionOf(given, archiveFolder(folder!));
    const summaries: ExportSummary[] = [];
    for (const text of snapshots) {
      const { volume } = placeOf(text);
      const input: ExportInput = {
        volume,
        // Of a volume that is not mounted the place is a path inside: it names the subvolume.
        snapshotId: snapshotAt(text).subvolume.id,
        folder: archiveFolder(folder!),
        nowMs: Date.now(),
        hardware: hardwareIn(),
        ...settings,
        ...(encryption && { encryption }),
      };
      const summary = await runVerb('exportArchive', input, given.json === true);
      summaries.push(summary);
      if (given.json !== true) tell(summary);
    }
    if (given.json) printJson(summaries);
    return EXIT.ok;
  },
});

function tell(summary: ExportSummary): void {
  printNotes(summary.notes);
  const name = printable(`${summary.source}/${summary.name}`);
  if (!summary.isNew) return void print(`${name} is in the archive already\n`);
  const what =
    summary.parent === null ? 'in full' : `what changed since ${printable(summary.parent)}`;
  print(`${name}: ${what}, ${size(summary.fileBytes)} on the drive\n`);
}

type Given = Options<typeof options>;
type Settings = Pick<
  ExportInput,
  'parent' | 'level' | 'excludes' | 'protocol' | 'compressedData' | 'title' | 'partBytes'
>;

function settingsOf(given: Given): Settings {
  const partSize = given['part-size'];
  return {
    parent: given.full === true ? 'full' : 'best',
    level: numberOf(given.level ?? '3', 1, MAX_LEVEL, '--level'),
    excludes: given.exclude ?? [],
    protocol: protocolOf(given, EXPORT_PROTOCOL),
    compressedData: given['compressed-data'] === true,
    ...(given.title !== undefined && { title: given.title }),
    ...(partSize !== undefined && {
      partBytes:
        numberOf(partSize, MIN_PART_MIB, Number.MAX_SAFE_INTEGER / MIB, '--part-size') * MIB,
    }),
  };
}

/** Who gives a key means an encrypted archive. */
async function encryptionOf(given: Given, folder: string): Promise<EncryptionRequest | undefined> {
  const recipients = given.recipient ?? [];
  if (given.passphrase === true || given['passphrase-file'] !== undefined)
    return { recipients, passphrase: await newPassphrase(given) };
  if (recipients.length > 0) return { recipients };
  if (given.identity === undefined || hasArchive(folder)) return undefined;
  throw usage('recipient-missing', 'An identity opens an archive; a new one needs a recipient.', {
    hint: 'Give --recipient age1..., which stands in the identity file as its public key.',
  });
}

function numberOf(text: string, least: number, most: number, option: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= most) return value;
  throw usage(
    'bad-option',
    say`${{ option }} takes a number from ${{ least }} to ${{ most: Math.floor(most) }}.`,
  );
}
