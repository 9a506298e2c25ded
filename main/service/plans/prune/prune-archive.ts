import { statfsSync } from 'node:fs';
import { exactly } from '../../../archive/format/manifest.ts';
import { counted, noted, say } from '../../../../shared/said.ts';
import type { ArchiveContents } from '../../../../shared/model/archive.ts';
import { bytesFromText, printable } from '../../../../shared/model/bytes-text.ts';
import { placeId, type TargetOf } from '../../../../shared/model/plan-target.ts';
import type { DriveLease } from '../../../drives/drives.ts';
import {
  firstThatFree,
  hasLoose,
  isWorthComposing,
  missingBytes,
  yielding,
} from '../../../plan/pressure.ts';
import { keptByAny, retainWhole } from '../../../plan/retention.ts';
import type { Context } from '../../context.ts';
import { archiveFolder } from '../targets/archive-folder.ts';
import { dashed, pointIdIn, recordArchive } from '../targets/record-place.ts';
import { roomSentence } from './prune-volume.ts';
import { rulesOf, type Pruned } from './prune-each.ts';
import { olderOn } from '../../../runs/titles.ts';

type Point = ArchiveContents['sources'][number]['points'][number] & {
  readonly pointId: string;
  /** The folder of its source. */
  readonly source: string;
};

/** Points of the source in the archive of the target, whose drive is here. */
export async function pruneArchiveOf(
  target: TargetOf<'archive'>,
  lease: DriveLease,
  pruned: Pruned,
  context: Context,
): Promise<boolean> {
  const folder = archiveFolder(target, lease);
  const contents = await context.withEngine((engine) => engine.run('listArchive', { folder }));
  const points = pointsOf(contents, pruned, context);
  if (points.length === 0) return false;
  const { going, forRoom } = chosen(points, folder, target, pruned, context);
  const gone = [...going, ...forRoom];
  // What others build on is taken out by writing a full stream: seldom, and with a key at hand.
  const mayCompose = !contents.isEncrypted;
  const isWorth = forRoom.length > 0 || isWorthComposing(gone, points);
  const isLoose = hasLoose(gone, points);
  // On a full drive there is no room for that before something else has gone.
  const needed = mayCompose && isWorth && !(pruned.isFull && isLoose) ? 'compose' : 'keep';
  if (gone.length === 0 || (needed === 'keep' && !isLoose)) return false;
  lease.check();
  const isDone = await remove(
    {
      ...{ folder, needed, nowMs: context.nowMs() },
      points: gone.map((point) => `${point.source}/${exactly(point)}`),
    },
    { name: lease.name, forRoom: forRoom.length, planId: pruned.plan.planId },
    context,
  );
  const after = await context.withEngine((engine) => engine.run('listArchive', { folder }));
  recordArchive(target, lease.name, after, context);
  return isDone;
}

/** Those of the source, and of what stood in its place before a rollback. */
function pointsOf(
  { sources }: ArchiveContents,
  { sourceUuid, points }: Pruned,
  { history }: Context,
): Point[] {
  const own = new Set(points.map(({ pointId }) => pointId));
  return sources.flatMap(({ uuid, folder, points: there }) => {
    const isOwn = uuid !== null && dashed(uuid) === sourceUuid;
    return there.flatMap((point) => {
      const pointId = pointIdIn(point, (id) => history.sentWithout.get(id));
      return isOwn || own.has(pointId) ? [{ ...point, pointId, source: folder }] : [];
    });
  });
}

function chosen(
  points: readonly Point[],
  folder: string,
  target: TargetOf<'archive'>,
  pruned: Pruned,
  { nowMs }: Context,
): { readonly going: readonly Point[]; readonly forRoom: readonly Point[] } {
  const pinned = points.map((point) => ({
    ...point,
    pins: pruned.pins.get(point.pointId) ?? [],
  }));
  const verdicts = keptByAny(rulesOf(target.keep, placeId(target), pruned), (rule) =>
    retainWhole(pinned, ({ isRestorable }) => isRestorable, rule, nowMs()),
  );
  const going = verdicts.filter((verdict) => !verdict.keep).map(({ point }) => point);
  const { bavail, blocks, bsize } = statfsSync(Buffer.from(bytesFromText(folder)));
  const freed = going.reduce((bytes, { fileBytes }) => bytes + fileBytes, 0);
  const missing = missingBytes(target.keep, bavail * bsize + freed, blocks * bsize);
  const candidates = yielding(verdicts).map(({ point }) => point);
  return { going, forRoom: firstThatFree(candidates, ({ fileBytes }) => fileBytes, missing) };
}

async function remove(
  input: {
    readonly folder: string;
    readonly needed: 'compose' | 'keep';
    readonly nowMs: number;
    readonly points: readonly string[];
  },
  { name, forRoom, planId }: { readonly name: string; forRoom: number; planId: string },
  context: Context,
): Promise<boolean> {
  const { runId } = context.runs.start(
    {
      kind: 'prune',
      title: olderOn(name),
      steps: ['delete'],
      source: null,
      planId,
      commandLine: '',
    },
    async (run) => {
      run.step('delete');
      if (forRoom > 0) run.note(roomSentence(forRoom, false));
      const { removed, composed, keptForOthers } = await context.withEngine((engine) =>
        engine.run('pruneArchive', input, { cancel: run.cancel }),
      );
      for (const point of composed)
        run.note(noted('made-full', say`${{ name: printable(point) }} made a full stream`));
      const deleted = { count: removed.length };
      const stay = keptForOthers.length;
      const detail =
        stay === 0
          ? noted('deleted', say`${deleted} deleted`)
          : noted(
              'deleted-some-stay',
              say`${deleted} deleted, ${{ stay }} ${counted(stay, 'stays', 'stay')} for others`,
            );
      return { result: null, detail };
    },
  );
  return (await context.runs.ended(runId)).error === null;
}
