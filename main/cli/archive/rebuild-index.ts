import { printable } from '../../../shared/model/bytes-text.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { printJson, printLines } from '../output.ts';
import { archiveFolder, printNotes, runVerb } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';

export const command = defineCommand({
  usage: ['archive rebuild-index [--json] FOLDER'],
  summary: 'makes indexes, records and manifest again from the stream files alone',
  details:
    'Also takes in stream files that nothing lists. Exits with 1 when a stream cannot be read; it\n' +
    'is named.',
  options: { ...jsonOption, ...secretOptions },
  arguments: { least: 1, most: 1 },
  async run({ options, positionals: [folder] }) {
    const summary = await withSecrets(options, (secrets) =>
      runVerb(
        'rebuildIndex',
        { folder: archiveFolder(folder!), secrets, nowMs: Date.now() },
        options.json === true,
      ),
    );
    printNotes(summary.notes);
    if (options.json) printJson(summary);
    else {
      printLines([
        ...summary.rebuilt.map((name) => `index of ${printable(name)}`),
        ...summary.adopted.map((name) => `taken in: ${printable(name)}`),
        ...summary.failures.map(({ file, message }) => `${printable(file)}: ${message.text}`),
      ]);
    }
    return summary.failures.length === 0 ? EXIT.ok : EXIT.no;
  },
});
