import { printable } from '../../../shared/model/bytes-text.ts';
import { listArchiveBelow, listArchiveFolder } from '../../archive/verbs/list-folder.ts';
import { plainContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { longRow } from '../ls.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { printJson, printLines } from '../output.ts';
import { jsonPaths, longPaths, plainPaths } from './path-output.ts';
import { archiveFolder, printNotes } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';

export const command = defineCommand({
  usage: ['archive ls [-l] [-R] [--json] FOLDER POINT [PATH]'],
  summary: 'lists a folder of a restore point in an archive',
  details:
    'POINT is the name of a snapshot, with its source before it where that is needed\n' +
    '(home/home.1), the beginning of its uuid, or latest. -R prints whole paths, one a line.',
  options: {
    ...jsonOption,
    l: { type: 'boolean', short: 'l', help: 'mode, links to, owner, size and time as well' },
    R: { type: 'boolean', short: 'R', help: 'everything below it' },
    ...secretOptions,
  },
  arguments: { least: 2, most: 3 },
  async run({ options, positionals: [folder, point, path = ''] }) {
    await withSecrets(options, async (secrets) => {
      const input = { folder: archiveFolder(folder!), point: point!, path, secrets };
      if (options.R) {
        const out = options.json ? jsonPaths() : options.l ? longPaths() : plainPaths();
        return printNotes(await out.whole(() => listArchiveBelow(input, plainContext(), out.take)));
      }
      const { entries, notes } = await listArchiveFolder(input, plainContext());
      printNotes(notes);
      if (options.json) printJson(entries);
      else printLines(entries.map(options.l ? longRow : ({ name }) => printable(name)));
    });
    return EXIT.ok;
  },
});
