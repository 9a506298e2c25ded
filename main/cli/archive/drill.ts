import { tmpdir } from 'node:os';
import { printable } from '../../../shared/model/bytes-text.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { duration, printJson, printLines, size } from '../output.ts';
import { absolute, runVerb } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';

export const command = defineCommand({
  usage: ['archive drill [--scratch FOLDER] [--json] FOLDER [POINT]'],
  summary: 'proves that a restore point can be restored, and leaves a dated receipt',
  details:
    'The point (default: latest) is restored into scratch space, every file is read back and\n' +
    'compared with the hash from when it was backed up, and the receipt is written to the drive,\n' +
    'below receipts. Exits with 1 when something was not right.',
  options: {
    ...jsonOption,
    scratch: {
      type: 'string',
      value: 'FOLDER',
      help: 'where there is room; default: for temporary files',
    },
    ...secretOptions,
  },
  arguments: { least: 1, most: 2 },
  async run({ options, positionals: [folder, point = 'latest'] }) {
    const receipt = await withSecrets(options, (secrets) =>
      runVerb(
        'drillArchive',
        {
          ...{ folder: absolute(folder!), point, secrets, nowMs: Date.now() },
          scratch: absolute(options.scratch ?? tmpdir()),
        },
        options.json === true,
      ),
    );
    if (options.json) printJson(receipt);
    else {
      printLines([
        ...receipt.failures,
        `${printable(`${receipt.source}/${receipt.point}`)}: ${receipt.passed ? 'passed' : 'FAILED'}, ` +
          `${receipt.files} files, ${size(receipt.bytes)}, ${duration(receipt.durationMs)}`,
      ]);
    }
    return receipt.passed ? EXIT.ok : EXIT.no;
  },
});
