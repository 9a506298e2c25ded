import { DendroError } from '../../../shared/errors.ts';
import type { PointRecord } from '../../archive/format/manifest.ts';
import { openTree, type OpenTree } from '../../archive/read/open-tree.ts';
import { pickPoint } from '../../archive/read/pick.ts';
import { openUnsealed, type ArchiveReader, type PointRef } from '../../archive/read/reader.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import type { CatalogueDb } from '../database.ts';
import { Lines, type PointFacts } from '../lines.ts';
import { isOfPoint, type Taken } from '../update.ts';
import { ArchivedIntake } from './archived-intake.ts';

/** A point of an archive that is here. */
export interface ArchivedPoint extends PointFacts {
  readonly folder: string;
  /** As `pickPoint` takes it. */
  readonly point: string;
}

interface Placed {
  readonly facts: ArchivedPoint;
  readonly ref: PointRef;
}

/**
 * Takes points of archives in, by their indexes alone: along a chain by what each increment
 * changes. An encrypted archive, or one that cannot be read, is left out and told as 'unreadable':
 * names that were encrypted do not come to stand in the catalogue.
 *
 * @param points those that are known already, too: what comes next is compared with them
 */
export function takeArchived(
  db: CatalogueDb,
  points: readonly ArchivedPoint[],
  cancel: CancelToken,
): Taken[] {
  const groups = Map.groupBy(points, ({ volumeId, sourceUuid }) => `${volumeId} ${sourceUuid}`);
  return [...groups.values()].flatMap((group) => takeGroup(db, group, cancel));
}

/** All of one source in one archive. */
function takeGroup(db: CatalogueDb, group: readonly ArchivedPoint[], cancel: CancelToken): Taken[] {
  const taken: Taken[] = [];
  const tell = (pointId: string, outcome: Taken['outcome'], inodes = 0): void =>
    void taken.push({ pointId, outcome, inodes });
  const waiting = waitingOf(db, group, tell);
  if (waiting.length === 0) return taken;
  const done = new Set<string>();
  let reader: ArchiveReader | undefined;
  try {
    reader = openUnsealed(waiting[0]!.folder);
    const inOrder = placed(reader, group).sort((a, b) => a.facts.takenAtMs - b.facts.takenAtMs);
    for (let at = 0; at < inOrder.length;) {
      const run = firstRun(reader, inOrder.slice(at));
      at += run.length;
      if (!run.some(({ facts }) => waiting.includes(facts))) continue;
      takeRun(db, reader, run, cancel, ({ pointId, outcome, inodes }) => {
        done.add(pointId);
        tell(pointId, outcome, inodes);
      });
    }
  } catch (error) {
    if (!isOfPoint(error)) throw error;
  } finally {
    reader?.close();
  }
  for (const { pointId } of waiting) if (!done.has(pointId)) tell(pointId, 'unreadable');
  return taken;
}

/** Those that are new, of a source that is not switched off; without a look into the archive. */
function waitingOf(
  db: CatalogueDb,
  group: readonly ArchivedPoint[],
  tell: (pointId: string, outcome: Taken['outcome']) => void,
): ArchivedPoint[] {
  const lines = new Lines(db);
  const isOff = lines.isOff(group[0]!.sourceUuid);
  const unknown = group.filter(({ pointId }) => {
    if (isOff) tell(pointId, 'off');
    else if (lines.has(pointId)) tell(pointId, 'known');
    else return true;
    return false;
  });
  if (unknown.length === 0) return [];
  const { newestSeq, newestMs } = lines.lineOf(unknown[0]!);
  return unknown.filter(({ pointId, takenAtMs }) => {
    if (newestSeq === 0 || takenAtMs > newestMs) return true;
    tell(pointId, 'older');
    return false;
  });
}

/** Those that the archive still has. */
function placed(reader: ArchiveReader, group: readonly ArchivedPoint[]): Placed[] {
  return group.flatMap((facts) => {
    try {
      return [{ facts, ref: pickPoint(reader, facts.point) }];
    } catch (error) {
      if (error instanceof DendroError && error.kind === 'Conflict') return [];
      throw error;
    }
  });
}

/** The first one, and those after it of which each builds on the one before: one chain. */
function firstRun(reader: ArchiveReader, inOrder: readonly Placed[]): Placed[] {
  let count = 1;
  while (count < inOrder.length) {
    const [before, after] = [inOrder[count - 1]!.ref, inOrder[count]!.ref];
    if (!reader.chainOf(after).some(({ point }) => point === before.point)) break;
    count += 1;
  }
  return inOrder.slice(0, count);
}

function takeRun(
  db: CatalogueDb,
  reader: ArchiveReader,
  run: readonly Placed[],
  cancel: CancelToken,
  onTaken: (taken: Taken) => void,
): void {
  const byPoint = new Map<PointRecord, ArchivedPoint>(
    run.map(({ facts, ref }) => [ref.point, facts]),
  );
  const intake = new ArchivedIntake(db, () => cancel.check());
  const onPoint = ({ ref, tree }: OpenTree): void => {
    const facts = byPoint.get(ref.point);
    const taken = facts && intake.take(facts, tree);
    if (taken !== undefined) onTaken(taken);
  };
  openTree(reader, run.at(-1)!.ref, cancel, { onPoint });
}
