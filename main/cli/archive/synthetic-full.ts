import { printable } from '../../../shared/model/bytes-text.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { printJson, size } from '../output.ts';
import { archiveFolder, printNotes, runVerb } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';
import { print } from '../print.ts';

export const command = defineCommand({
  usage: ['archive synthetic-full [--json] FOLDER POINT'],
  summary: 'makes the stream of a restore point a full one, out of its chain, without the source',
  details:
    'What builds on the point goes on to do so. The older points stay; they are no longer needed\n' +
    'for this one.',
  options: { ...jsonOption, ...secretOptions },
  arguments: { least: 2, most: 2 },
  async run({ options, positionals: [folder, point] }) {
    const summary = await withSecrets(options, (secrets) =>
      runVerb(
        'syntheticFull',
        { folder: archiveFolder(folder!), point: point!, secrets, nowMs: Date.now() },
        options.json === true,
      ),
    );
    printNotes(summary.notes);
    if (options.json) printJson(summary);
    else {
      const name = printable(`${summary.source}/${summary.name}`);
      print(`${name} is full, ${size(summary.fileBytes)}\n`);
    }
    return EXIT.ok;
  },
});
