import { printable } from '../../../shared/model/bytes-text.ts';
import { hasArchive } from '../../archive/folder/archive.ts';
import type { ImportSummary } from '../../archive/import/import-streams.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { printJson, printLines, size } from '../output.ts';
import { absolute, archiveFolder, printNotes, runVerb } from './run-verb.ts';
import { newPassphrase, secretOptions, withSecrets } from './secrets.ts';

const OPENS_ONLY =
  'The new archive is not encrypted: the key that was given opens files, and --passphrase or --recipient encrypts.';

export const command = defineCommand({
  usage: ['archive import [OPTIONS] FOLDER FILE ...'],
  summary: 'takes streams of btrfs send and raw backups of btrbk into an archive',
  details:
    'FILE is a stream, plain or packed with zstd, gzip, xz, bzip2, lz4 or lzop, or a folder with\n' +
    'such files. The streams stay as they are, byte for byte. When a snapshot was taken is read\n' +
    "from Snapper's info.xml, names (name.20260131T2359), or the stream; the time of the file is\n" +
    'the last resort. Exits with 1 when a file could not be imported; the others were.',
  options: {
    ...jsonOption,
    source: { type: 'string', value: 'NAME', help: 'the source that they belong to' },
    recipient: {
      type: 'string',
      short: 'r',
      value: 'age1...',
      multiple: true,
      help: 'a new archive: encrypt to this recipient of age',
    },
    passphrase: { type: 'boolean', help: 'a new archive: encrypt; a passphrase opens it' },
    ...secretOptions,
  },
  arguments: { least: 2, most: 10_000 },
  async run({ options, positionals: [folder, ...files] }) {
    const recipients = options.recipient ?? [];
    const passphrase = options.passphrase === true ? await newPassphrase(options) : undefined;
    const isEncrypted = recipients.length > 0 || passphrase !== undefined;
    const isPlain = !isEncrypted && !hasArchive(archiveFolder(folder!));
    const hasKeys = options.identity !== undefined || options['passphrase-file'] !== undefined;
    const summary = await withSecrets(options, (secrets) =>
      runVerb(
        'importStreams',
        {
          ...{
            folder: archiveFolder(folder!),
            files: files.map(absolute),
            nowMs: Date.now(),
            secrets,
          },
          ...(options.source !== undefined && { source: options.source }),
          ...(isEncrypted && { encryption: { recipients, passphrase } }),
        },
        options.json === true,
      ),
    );
    printNotes(summary.notes);
    if (isPlain && hasKeys) printNotes([OPENS_ONLY]);
    if (options.json) printJson(summary);
    else printLines(lines(summary));
    return summary.failures.length === 0 ? EXIT.ok : EXIT.no;
  },
});

function lines({ imported, known, failures }: ImportSummary): string[] {
  return [
    ...imported.map(
      ({ source, name, fileBytes }) => `${printable(`${source}/${name}`)}: ${size(fileBytes)}`,
    ),
    ...known.map((file) => `${printable(file)}: in the archive already`),
    ...failures.map(({ file, message }) => `${printable(file)}: ${message.text}`),
  ];
}
