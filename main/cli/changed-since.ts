import { printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { changedSince } from '../engine/inspect/index.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { printJson, printLines } from './output.ts';
import { subvolumeAt } from './place-subvolume.ts';
import { placeOf } from './place.ts';

export const command = defineCommand({
  usage: ['changed-since [--json] SNAPSHOT|GENERATION SUBVOLUME'],
  summary: 'what was changed in a subvolume since a snapshot or generation: the quick look',
  details:
    'Reads only what was written since, so it is quick however large the rest is. A line each:\n' +
    '+ made since, ~ changed since. Its limits: what was deleted shows as its folder only; which\n' +
    'of its properties changed is not known; a change that was undone is a change. dendro diff\n' +
    'has none of these limits.',
  options: jsonOption,
  arguments: { least: 2, most: 2 },
  run({ options, positionals }) {
    const since = positionals[0]!;
    const generation = /^\d+$/.test(since)
      ? Number(since)
      : subvolumeAt(placeOf(since)).info.otransid;
    const found = [...changedSince(subvolumeAt(placeOf(positionals[1]!)), generation)].map(
      ({ path, ...rest }) => ({ path: path ? textFromBytes(path) : null, ...rest }),
    );
    if (options.json) printJson({ generation, changed: found });
    else {
      const line = ({ path, inode, isNew }: (typeof found)[number]): string =>
        `${isNew ? '+' : '~'} ${path === null ? `(inode ${inode}, no name)` : printable(path) || '/'}`;
      printLines(found.map(line));
    }
    return found.length === 0 ? EXIT.no : EXIT.ok;
  },
});
