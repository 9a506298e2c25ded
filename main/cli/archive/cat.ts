import { readArchiveFile } from '../../archive/verbs/browse.ts';
import { plainContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { writeAll } from '../../linux/write-all.ts';
import { archiveFolder, printNotes } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';
import { stderr } from '../../linux/stderr.ts';

const STDOUT = 1;

export const command = defineCommand({
  usage: ['archive cat [--json] FOLDER POINT PATH'],
  summary: 'prints a file out of an archive; only the frames that hold it are read',
  details:
    'POINT as in: dendro archive ls --help. --json prints the content in base64 and its size\n' +
    'instead.',
  options: {
    ...jsonOption,
    stats: { type: 'boolean', help: 'say at the end how much was read from the drive' },
    ...secretOptions,
  },
  arguments: { least: 3, most: 3 },
  async run({ options, positionals: [folder, point, path] }) {
    const out = options.json === true ? asJson(path!) : asItIs;
    const summary = await withSecrets(options, (secrets) =>
      readArchiveFile(
        { folder: archiveFolder(folder!), point: point!, path: path!, secrets },
        plainContext(),
        (bytes) => out.write(bytes),
      ),
    );
    out.end(summary.sizeBytes);
    printNotes(summary.notes);
    if (options.stats) stderr.write(`${summary.sizeBytes} bytes, ${summary.bytesRead} read\n`);
    return EXIT.ok;
  },
});

interface ContentOutput {
  readonly write: (bytes: Uint8Array) => void;
  readonly end: (sizeBytes: number) => void;
}

const asItIs: ContentOutput = { write: (bytes) => writeAll(STDOUT, bytes), end: () => {} };

/**
 * Piece by piece, however long the file is: base64 goes by three bytes. Nothing is written before
 * the first bytes are there, and a document that is cut short is none.
 */
function asJson(path: string): ContentOutput {
  const put = (text: string): void => writeAll(STDOUT, Buffer.from(text));
  let isBegun = false;
  let rest = Buffer.alloc(0);
  const begin = (): void => {
    if (!isBegun) put(`{\n  "path": ${JSON.stringify(path)},\n  "base64": "`);
    isBegun = true;
  };
  return {
    write: (piece) => {
      begin();
      const bytes = Buffer.concat([rest, piece]);
      const whole = bytes.length - (bytes.length % 3);
      put(bytes.toString('base64', 0, whole));
      rest = bytes.subarray(whole);
    },
    end: (sizeBytes) => {
      begin();
      put(`${rest.toString('base64')}",\n  "sizeBytes": ${sizeBytes}\n}\n`);
    },
  };
}
