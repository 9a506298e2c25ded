import { conflict } from '../../shared/errors.ts';
import { printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { changedSince, type ChangedInode } from '../engine/inspect/index.ts';
import type { Subvolume } from '../engine/tree/index.ts';
import { isSameFilesystem } from '../engine/volume/index.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { linesOf, printJson, printLines } from './output.ts';
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
    const subvolume = subvolumeAt(placeOf(positionals[1]!));
    const generation = generationOf(positionals[0]!, subvolume);
    let count = 0;
    const found = shown(changedSince(subvolume, generation), () => (count += 1));
    if (options.json) printJson({ generation, changed: found });
    else printLines(linesOf(found, lineOf));
    return count === 0 ? EXIT.no : EXIT.ok;
  },
});

type Shown = Omit<ChangedInode, 'path'> & { readonly path: string | null };

function* shown(found: Iterable<ChangedInode>, onEach: () => void): Generator<Shown> {
  for (const { path, ...rest } of found) {
    onEach();
    yield { path: path ? textFromBytes(path) : null, ...rest };
  }
}

function lineOf({ path, inode, isNew }: Shown): string {
  const name = path === null ? `(inode ${inode}, no name)` : printable(path) || '/';
  return `${isNew ? '+' : '~'} ${name}`;
}

/** A number is a generation; anything else names a snapshot, which was made in one. */
function generationOf(text: string, { volume }: Subvolume): number {
  if (/^\d+$/.test(text)) return Number(text);
  const since = subvolumeAt(placeOf(text));
  if (isSameFilesystem(since.volume, volume)) return since.info.otransid;
  throw conflict('different-volumes', 'The snapshot and the subvolume are on different volumes.', {
    hint: 'Generations count for one volume only; compare them with dendro diff.',
    place: { path: printable(text) },
  });
}
