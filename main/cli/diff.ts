import { conflict } from '../../shared/errors.ts';
import { printable } from '../../shared/model/bytes-text.ts';
import type { Change } from '../../shared/model/entry.ts';
import { compareSnapshots } from '../engine/verbs/compare-snapshots.ts';
import { lookupEntry } from '../engine/verbs/preview-file.ts';
import { plainContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { printJson, printLines } from './output.ts';
import { placeOf, type Place } from './place.ts';

export const command = defineCommand({
  usage: ['diff [--json] OLDER NEWER'],
  summary: 'what differs between two subvolumes or snapshots of one volume, by path',
  details:
    'A line each: + added, - removed, ~ changed (with what), > renamed. Access times do not\n' +
    'count. Exits with 0 when there is no difference, with 1 when there is one.',
  options: jsonOption,
  arguments: { least: 2, most: 2 },
  run({ options, positionals }) {
    const [older, newer] = positionals.map(placeOf) as [Place, Place];
    if (older.volume.devices.join() !== newer.volume.devices.join()) throw twoVolumes();
    const { changes } = compareSnapshots(
      {
        volume: newer.volume,
        fromId: subvolumeId(older),
        toId: subvolumeId(newer),
        offset: 0,
        limit: Number.MAX_SAFE_INTEGER,
      },
      plainContext(),
    );
    if (options.json) printJson(changes);
    else printLines(changes.map(changeLine));
    return changes.length === 0 ? EXIT.ok : EXIT.no;
  },
});

const MARKS = { added: '+', removed: '-', changed: '~', renamed: '>' } as const;

/** '~ path  (data, times)' */
export function changeLine({ kind, path, previousPath, aspects }: Change): string {
  const from = previousPath === null ? '' : `${printable(previousPath)} -> `;
  const what = aspects.length === 0 ? '' : `  (${aspects.join(', ')})`;
  return `${MARKS[kind]} ${from}${printable(path) || '/'}${what}`;
}

function subvolumeId(place: Place): number {
  const found = lookupEntry(place, plainContext().cancel);
  if (found.inode === found.subvolume.rootInode) return found.subvolume.id;
  throw conflict('not-a-subvolume', `"${printable(place.text)}" is not a subvolume.`, {
    hint: 'Name subvolumes or snapshots; list them with: dendro snapshots',
  });
}

function twoVolumes(): Error {
  return conflict('different-volumes', 'The two are on different volumes.', {
    hint: 'Name two snapshots that are on the same volume.',
  });
}
