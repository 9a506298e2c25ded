import { printable } from '../../../shared/model/bytes-text.ts';
import { counted, noted, say, type Note } from '../../../shared/said.ts';
import type { RunHandle } from '../../runs/runs.ts';
import type { Context } from '../context.ts';
import { membersOf, nestedIn } from '../plans/members.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';

/** Subvolumes that have a sentence each. */
const MOST_NAMED = 3;

/**
 * Tells of subvolumes whose places alone are in a backup, where there is something in them that nobody
 * backs up: snapshots have their own ways, and what a plan backs up by itself is not left out.
 * @param ids of those that stand in what was sent
 */
export async function noteNested(
  ids: readonly number[],
  known: KnownVolume,
  run: RunHandle,
  context: Context,
): Promise<void> {
  if (ids.length === 0) return;
  const { history, points } = context;
  const { snapshotFolder } = history.settings.get();
  const all = await points.subvolumes(known);
  const { volumeId } = known.volume;
  const sources = history.plans
    .list()
    .flatMap(({ draft }) => draft.sources.filter((source) => source.volumeId === volumeId));
  const { members } = await membersOf(sources, context);
  const backedUp = new Set(members.map(({ subvolume }) => subvolume.subvolumeId));
  const wanted = new Set(ids);
  const byOuter = Map.groupBy(
    all.filter(({ subvolumeId }) => wanted.has(subvolumeId) && !backedUp.has(subvolumeId)),
    ({ parentId }) => parentId,
  );
  const left = all.flatMap((outer) => {
    const inner = byOuter.get(outer.subvolumeId) ?? [];
    if (inner.length === 0) return [];
    const nested = new Set(nestedIn(all, outer, snapshotFolder));
    return inner.filter((one) => nested.has(one));
  });
  for (const { path } of left.slice(0, MOST_NAMED)) run.note(nestedLeftOut(printable(path)));
  const more = left.length - MOST_NAMED;
  if (more > 0) run.note(moreLeftOut(more));
}

function nestedLeftOut(path: string): Note {
  return noted(
    'nested-left-out',
    say`"${{ path }}" is a subvolume of its own, and no plan backs it up; a plan can take along the subvolumes below its source.`,
  );
}

function moreLeftOut(count: number): Note {
  const which = counted(count, 'subvolume below it is', 'subvolumes below it are');
  return noted('more-nested-left-out', say`${{ count }} more ${which} backed up by no plan.`);
}

/** What nobody can prove to be as it was written. */
export function unverifiedOnSource(bytes: number): Note {
  return noted('unverified', say`${{ bytes }} bytes have no checksums on the source (nodatasum).`);
}
