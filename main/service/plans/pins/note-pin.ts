import { toErrorData } from '../../../../shared/errors.ts';
import { printable } from '../../../../shared/model/bytes-text.ts';
import { placeId, type PlanTarget } from '../../../../shared/model/plan-target.ts';
import { streamUuid } from '../../../plan/parents.ts';
import type { Context } from '../../context.ts';
import type { SnapshotMade } from '../snapshot-sources.ts';
import { sourceOfPoint } from '../../points/source-of-point.ts';
import { writeMark } from './marks.ts';
import { stderr } from '../../../linux/stderr.ts';

/**
 * After a send that went well: what both sides hold now is what the next one builds on. Noted in
 * the history, beside the source's snapshots, and where the copy is, so that any two of these
 * may be lost. Another computer keeps no mark.
 *
 * @param targetFolder absolute; null for another computer.
 */
export function notePin(
  target: PlanTarget,
  { snapshot }: SnapshotMade,
  targetFolder: string | null,
  { history, nowMs }: Pick<Context, 'history' | 'nowMs'>,
): void {
  const { mountedPath, path } = snapshot;
  const sourceUuid = sourceOfPoint(snapshot, history);
  const pointId = streamUuid(snapshot);
  if (sourceUuid === null || pointId === null) return;
  const pin = { sourceUuid, placeId: placeId(target), pointId, sentAtMs: nowMs() };
  history.pins.set(pin);
  const mark = { ...pin, pointName: path.slice(path.lastIndexOf('/') + 1) };
  for (const folder of [mountedPath && folderOf(mountedPath), targetFolder]) {
    if (!folder) continue;
    try {
      writeMark(folder, mark);
    } catch (error) {
      // The backup is done and noted: the mark is a second witness only.
      stderr.write(`${printable(folder)}: ${toErrorData(error).message}\n`);
    }
  }
}

export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}
