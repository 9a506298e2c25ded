import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { holdersOf, type Holder } from '../../linux/open-files.ts';
import type { VerbContext } from '../context.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { joinPath, openSubvolume, type Subvolume } from '../tree/index.ts';
import type { Volume } from '../volume/index.ts';
import { TreeCounter, type TreeCount } from './count-tree.ts';
import { refuseOntoItself } from './onto-itself.ts';
import { placeItems, type Clash, type Placing, type RestoreItem } from './placements.ts';
import type { ReflinkSource } from './reflink-source.ts';
import { roomFor, type Room } from './room.ts';
import { TargetNames } from './target-names.ts';

export interface RestoreInput {
  readonly volume: VolumeInput;
  readonly subvolumeId: number;
  /** What to restore: paths in the subvolume as text, and where each goes below `folder`. */
  readonly items: readonly RestoreItem[];
  /** An absolute path; it exists. */
  readonly folder: string;
  /** Where a name is taken; 'keep-both' when left out. */
  readonly clash?: Clash;
  /** Marks the restored name even where the name is free. */
  readonly beside?: boolean;
  /** False: never share extents with the snapshot, read and check every byte. */
  readonly share?: boolean;
}

/** All that is decided before anything is written. */
export interface Prepared {
  readonly volume: Volume;
  readonly top: Subvolume;
  readonly placing: Placing;
  readonly count: TreeCount;
  readonly room: Room;
  /** Programs that have open what will be replaced. */
  readonly holders: readonly Holder[];
}

/** @throws Conflict 'path-not-found', 'onto-itself', ... */
export function prepare(
  input: RestoreInput,
  root: number,
  reflinkOf: (volume: Volume) => ReflinkSource | undefined,
  { cancel }: VerbContext,
): Prepared {
  const volume = volumeFor(input.volume, cancel);
  const top = openSubvolume(volume, input.subvolumeId);
  const { clash = 'keep-both', beside = false, folder } = input;
  const rules = { clash, beside, names: TargetNames.at(root) };
  const placing = placeItems(top, root, input.items, rules, cancel);
  refuseOntoItself(volume, root, placing.placements);
  const counter = new TreeCounter(cancel);
  for (const { found } of placing.placements) counter.add(found.subvolume, found.inode);
  const count = counter.total;
  const room = roomFor(root, count, reflinkOf(volume) !== undefined);
  const replaced = placing.placements.filter(({ aside }) => aside !== null);
  const paths = replaced.map(({ to }) => joinPath(bytesFromText(folder), to));
  const holders = paths.length === 0 ? [] : holdersOf(paths);
  return { volume, top, placing, count, room, holders };
}

export function absolute(folder: string, path: Uint8Array): string {
  return `${folder.replace(/\/+$/, '')}/${textFromBytes(path)}`;
}
