import { readArchiveFile } from '../../archive/verbs/browse.ts';
import { plainContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand } from '../options.ts';
import { writeAll } from '../write-all.ts';
import { absolute, printNotes } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';

const STDOUT = 1;

export const command = defineCommand({
  usage: ['archive cat FOLDER POINT PATH'],
  summary: 'prints a file out of an archive; only the frames that hold it are read',
  details: 'POINT as in: dendro archive ls --help',
  options: {
    stats: { type: 'boolean', help: 'say at the end how much was read from the drive' },
    ...secretOptions,
  },
  arguments: { least: 3, most: 3 },
  async run({ options, positionals: [folder, point, path] }) {
    const summary = await withSecrets(options, (secrets) =>
      readArchiveFile(
        { folder: absolute(folder!), point: point!, path: path!, secrets },
        plainContext(),
        (bytes) => writeAll(STDOUT, bytes),
      ),
    );
    printNotes(summary.notes);
    if (options.stats)
      process.stderr.write(`${summary.sizeBytes} bytes, ${summary.bytesRead} read\n`);
    return EXIT.ok;
  },
});
