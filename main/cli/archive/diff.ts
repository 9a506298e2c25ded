import { eachArchiveChange } from '../../archive/verbs/diff.ts';
import { plainContext } from '../context.ts';
import { changeLine } from '../diff.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { OutputBatches } from '../output-batches.ts';
import { JsonList } from './json-list.ts';
import { archiveFolder } from './run-verb.ts';
import { secretOptions, withSecrets } from './secrets.ts';

export const command = defineCommand({
  usage: ['archive diff [--json] FOLDER OLDER NEWER'],
  summary: 'what differs between two restore points of an archive, by path',
  details:
    'A line each: + added, - removed, ~ changed (with what), > renamed. Exits with 0 when there\n' +
    'is no difference, with 1 when there is one.',
  options: { ...jsonOption, ...secretOptions },
  arguments: { least: 3, most: 3 },
  async run({ options, positionals: [folder, from, to] }) {
    const out = options.json ? undefined : new OutputBatches();
    const list = new JsonList();
    const count = await withSecrets(options, (secrets) =>
      eachArchiveChange(
        { folder: archiveFolder(folder!), from: from!, to: to!, secrets },
        plainContext(),
        (change) => (out === undefined ? list.add(change) : out.add(`${changeLine(change)}\n`)),
      ),
    ).finally(() => out?.end());
    if (out === undefined) list.end();
    return count === 0 ? EXIT.ok : EXIT.no;
  },
});
