import { printable } from '../../../shared/model/bytes-text.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { printJson, printLines } from '../output.ts';
import { archiveFolder, printNotes, runVerb } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';

export const command = defineCommand({
  usage: ['archive purge [-n] [--json] FOLDER PATTERN'],
  summary: 'takes paths out of every stream of an archive',
  details:
    'PATTERN is one of gitignore, relative to the top of a source. Streams that hold a match are\n' +
    'written anew as full ones without it, and further exports leave it out. Exits with 1 when\n' +
    'nothing matches.',
  options: {
    ...jsonOption,
    source: { type: 'string', value: 'FOLDER', help: 'only in this source' },
    'dry-run': { type: 'boolean', short: 'n', help: 'say what would be done' },
    ...secretOptions,
  },
  arguments: { least: 2, most: 2 },
  async run({ options, positionals: [folder, pattern] }) {
    const isDryRun = options['dry-run'] === true;
    const summary = await withSecrets(options, (secrets) =>
      runVerb(
        'purgeArchive',
        {
          ...{
            folder: archiveFolder(folder!),
            pattern: pattern!,
            secrets,
            nowMs: Date.now(),
            isDryRun,
          },
          ...(options.source !== undefined && { source: options.source }),
        },
        options.json === true,
      ),
    );
    printNotes(summary.notes);
    if (options.json) printJson(summary);
    else if (summary.rewritten.length === 0) printLines(['No stream holds anything that matches.']);
    else {
      printLines([
        ...summary.paths.map(printable),
        ...summary.rewritten.map(
          (name) => `${isDryRun ? 'would write' : 'written'} anew: ${printable(name)}`,
        ),
      ]);
    }
    return summary.rewritten.length === 0 ? EXIT.no : EXIT.ok;
  },
});
