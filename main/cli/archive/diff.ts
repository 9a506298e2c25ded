import { diffArchive } from '../../archive/verbs/diff.ts';
import { plainContext } from '../context.ts';
import { changeLine } from '../diff.ts';
import { EXIT } from '../exit-codes.ts';
import { defineCommand, jsonOption } from '../options.ts';
import { linesOf, printJson, printLines } from '../output.ts';
import { absolute } from './run-verb.ts';
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
    const changes = await withSecrets(options, (secrets) =>
      diffArchive({ folder: absolute(folder!), from: from!, to: to!, secrets }, plainContext()),
    );
    if (options.json) printJson(changes);
    else printLines(linesOf(changes, changeLine));
    return changes.length === 0 ? EXIT.ok : EXIT.no;
  },
});
