import { printable } from '../../../shared/model/bytes-text.ts';
import { listArchiveFolder } from '../../archive/verbs/browse.ts';
import { plainContext } from '../context.ts';
import { EXIT } from '../exit-codes.ts';
import { longRow } from '../ls.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { printJson, printLines } from '../output.ts';
import { absolute, printNotes } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';

export const command = defineCommand({
  usage: ['archive ls [-l] [--json] FOLDER POINT [PATH]'],
  summary: 'lists a folder of a restore point in an archive',
  details:
    'POINT is the name of a snapshot, with its source before it where that is needed\n' +
    '(home/home.1), the beginning of its uuid, or latest.',
  options: {
    ...jsonOption,
    l: { type: 'boolean', short: 'l', help: 'mode, links to, owner, size and time as well' },
    ...secretOptions,
  },
  arguments: { least: 2, most: 3 },
  async run({ options, positionals: [folder, point, path = ''] }) {
    const { entries, notes } = await withSecrets(options, (secrets) =>
      listArchiveFolder(
        { folder: absolute(folder!), point: point!, path, secrets },
        plainContext(),
      ),
    );
    printNotes(notes);
    if (options.json) printJson(entries);
    else printLines(entries.map(options.l ? longRow : ({ name }) => printable(name)));
    return EXIT.ok;
  },
});
