import { resolve } from 'node:path';
import { printable } from '../../shared/model/bytes-text.ts';
import { restore } from '../engine/verbs/restore.ts';
import { plainContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { printJson, printLines, size } from './output.ts';
import { placeOf } from './place.ts';

export const command = defineCommand({
  usage: ['restore [--json] PLACE ... FOLDER'],
  summary: 'copies files and folders out of a snapshot, mounted or not, into a folder',
  details:
    'With owner, mode, attributes, links, holes and times, as far as the filesystem of FOLDER\n' +
    'can keep them; what it cannot is said on stderr. Nothing that exists is touched: what is\n' +
    'in the way keeps its name, and the restored one is called "NAME (restored)".',
  options: jsonOption,
  arguments: { least: 2, most: 10_001 },
  run({ options, positionals }) {
    const folder = resolve(positionals.at(-1)!);
    const summaries = positionals.slice(0, -1).map((text) => {
      const { volume, subvolumeId, path } = placeOf(text);
      const clean = path.replace(/\/+$/, '');
      const to = clean.slice(clean.lastIndexOf('/') + 1) || lastName(text);
      const items = [{ from: clean, to }];
      return restore({ volume, subvolumeId, items, folder }, plainContext());
    });
    for (const { losses, lossCount } of summaries) {
      for (const { path, what } of losses) process.stderr.write(`not kept: ${path}: ${what}\n`);
      if (lossCount > losses.length)
        process.stderr.write(`and ${lossCount - losses.length} more\n`);
    }
    if (options.json) printJson(summaries);
    else {
      const line = (one: (typeof summaries)[number]): string =>
        `${printable(one.items[0]!.path)}  ${one.files} ${one.files === 1 ? 'file' : 'files'}, ${size(one.bytes)}`;
      printLines(summaries.map(line));
    }
    return EXIT.ok;
  },
});

/** What to call a whole subvolume: the last part of how it was named. */
function lastName(text: string): string {
  const name = text.replace(/[/:]+$/, '');
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf(':')) + 1) || 'restored';
}
