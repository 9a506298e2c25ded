import { realpathSync } from 'node:fs';
import { conflict } from '../../../shared/errors.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../../engine/context.ts';
import { volumeFor, type VolumeInput } from '../../engine/open-volumes.ts';
import { exists } from '../../engine/restore/destination.ts';
import type { Clash, RestoreItem } from '../../engine/restore/placements.ts';
import { absolute } from '../../engine/restore/prepare.ts';
import { ReflinkSource } from '../../engine/restore/reflink-source.ts';
import { requireRoom, roomFor, type Room } from '../../engine/restore/room.ts';
import { STAGING_PREFIX } from '../../engine/restore/staging.ts';
import { TargetNames } from '../../engine/restore/target-names.ts';
import { joinPath } from '../../engine/tree/index.ts';
import { restore as restoreSnapshot, planRestore } from '../../engine/verbs/restore.ts';
import type { RestorePlan } from '../../engine/verbs/restore.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../linux/files.ts';
import { holdersOf } from '../../linux/open-files.ts';
import type { PlacedTree } from '../node.ts';
import { withPlace, type PlaceInput } from '../open-place.ts';
import { countNodes } from './count-nodes.ts';
import { countRestored } from './count-restored.ts';
import { placeNodes, type NodePlacing } from './place-nodes.ts';
import { keyOf, PlaceRestore, type PlaceRestoreSummary } from './place-restore-job.ts';

export interface RestorePlaceInput {
  readonly place: PlaceInput;
  /** Paths in the place, and where each goes below `folder`. */
  readonly items: readonly RestoreItem[];
  /** An absolute path; it exists. */
  readonly folder: string;
  readonly clash?: Clash;
  /** Beside the original: marked even where the name is free. */
  readonly beside?: boolean;
  /** False: share nothing with a snapshot, read every byte. */
  readonly share?: boolean;
}

/** What a restore would do; nothing is written. @throws Conflict 'path-not-found', ... */
export async function planPlaceRestore(
  input: RestorePlaceInput,
  context: VerbContext,
): Promise<RestorePlan> {
  const { place, folder } = input;
  if (place.kind === 'snapshot') return planRestore({ ...input, ...place }, context);
  return withTarget(input, context, (tree, root) => {
    const { placing, room, count } = prepared(tree, root, input, context);
    return {
      items: placing.placements.map(({ item, wanted, to, aside }) => ({
        from: item.from,
        to: absolute(folder, to),
        keepsExisting: aside === null && Buffer.compare(to, wanted) !== 0,
        aside: aside === null ? null : absolute(folder, aside),
      })),
      ...{ files: count.files, bytes: count.bytes, ...room, sharesExtents: false },
      ...{ skipped: placing.skipped, holders: holdersIn(placing, folder) },
    };
  });
}

/**
 * Copies files and folders out of a state that lies anywhere into a folder on any filesystem, as
 * `restore` does out of a snapshot: all is made in a hidden folder and then put in place by
 * renames, nothing that exists is lost, and the same restore goes on after a kill.
 *
 * @throws Io 'target-full', 'read-only', 'source-gone'; Conflict 'onto-itself'; Cancelled
 */
export async function restorePlace(
  input: RestorePlaceInput,
  context: VerbContext,
): Promise<PlaceRestoreSummary> {
  return counted(input, await carriedOut(input, context));
}

async function carriedOut(
  input: RestorePlaceInput,
  context: VerbContext,
): Promise<PlaceRestoreSummary> {
  const { place } = input;
  if (place.kind === 'snapshot') {
    return { ...restoreSnapshot({ ...input, ...place }, context), notes: [] };
  }
  return withTarget(input, context, (tree, root) => {
    const key = keyOf(input);
    const isLeft = exists(root, bytesFromText(`${STAGING_PREFIX}${key}`));
    const first = isLeft ? undefined : ready(tree, root, input, context);
    const job = new PlaceRestore(tree, root, input, context);
    return job.run(() => first ?? ready(tree, root, input, context));
  });
}

/** Where an earlier run has staged all of it, nothing was copied by this one, and all is there. */
function counted(input: RestorePlaceInput, summary: PlaceRestoreSummary): PlaceRestoreSummary {
  const { items, files } = summary;
  if (files > 0 || items.length === 0) return summary;
  const { place } = input;
  const total = countRestored(items.map(({ path }) => path));
  const isShared = place.kind === 'snapshot' && sharesExtents(input, place.volume);
  return { ...summary, ...total, sharedBytes: isShared ? total.bytes : 0 };
}

function sharesExtents({ folder, share }: RestorePlaceInput, volume: VolumeInput): boolean {
  if (share === false) return false;
  const root = openPath(cString(bytesFromText(folder)), O_RDONLY | O_DIRECTORY);
  try {
    const source = ReflinkSource.open(volumeFor(volume), root);
    source?.close();
    return source !== undefined;
  } finally {
    closeFd(root);
  }
}

function withTarget<T>(
  { place, folder }: RestorePlaceInput,
  { cancel }: VerbContext,
  use: (tree: PlacedTree, root: number) => T,
): Promise<T> {
  return withPlace(place, cancel, (tree) => {
    const root = openPath(cString(bytesFromText(folder)), O_RDONLY | O_DIRECTORY);
    try {
      if (place.kind !== 'snapshot') refuseInside(place.folder, folder);
      return use(tree, root);
    } finally {
      closeFd(root);
    }
  });
}

function prepared(
  tree: PlacedTree,
  root: number,
  { items, clash = 'keep-both', beside = false }: RestorePlaceInput,
  { cancel }: VerbContext,
): { placing: NodePlacing; room: Room; count: ReturnType<typeof countNodes> } {
  const placing = placeNodes(
    tree,
    root,
    items,
    { clash, beside, names: TargetNames.at(root) },
    cancel,
  );
  const nodes = placing.placements.map(({ node }) => node);
  const count = countNodes(nodes, cancel);
  return { placing, count, room: roomFor(root, count, false) };
}

function ready(
  tree: PlacedTree,
  root: number,
  input: RestorePlaceInput,
  context: VerbContext,
): NodePlacing {
  const { placing, room } = prepared(tree, root, input, context);
  requireRoom(root, input.folder, room);
  return placing;
}

function holdersIn({ placements }: NodePlacing, folder: string): RestorePlan['holders'] {
  const replaced = placements.filter(({ aside }) => aside !== null);
  const paths = replaced.map(({ to }) => joinPath(bytesFromText(folder), to));
  return paths.length === 0 ? [] : holdersOf(paths);
}

/** Whatever links lead there. @throws Conflict 'onto-itself' */
function refuseInside(place: string, folder: string): void {
  const [top, into] = [place, folder].map((path) =>
    realpathSync
      .native(Buffer.from(bytesFromText(path)), { encoding: 'buffer' })
      .toString('latin1'),
  );
  if (into !== top && !into!.startsWith(`${top!}/`)) return;
  throw conflict('onto-itself', 'What is restored from must not be restored into.', {
    hint: 'Choose a folder outside of it.',
    place: { path: printable(folder) },
  });
}
