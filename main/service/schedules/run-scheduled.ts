import type { Run } from '../../../shared/model/run.ts';
import type { ScheduleRow } from '../../history/schedules.ts';
import { startBackup } from '../backup/start-backup.ts';
import type { Context } from '../context.ts';
import { mountedVolumes } from '../volumes/mounted.ts';
import { startLocalSnapshot } from './local-snapshot.ts';
import { prune } from './prune.ts';

/** Both sides are mounted: a cheap look, no device is read. */
function isHere({ draft }: ScheduleRow): boolean {
  const mounted = new Set(mountedVolumes().map(({ fsid }) => fsid));
  const needed = [draft.source.volumeId, ...(draft.target ? [draft.target.volumeId] : [])];
  return needed.every((volumeId) => mounted.has(volumeId));
}

/** Begins the run of a schedule, and notes that it was due. */
export async function beginScheduled(schedule: ScheduleRow, context: Context): Promise<Run> {
  const { scheduleId, draft } = schedule;
  const { source, target } = draft;
  const run =
    target === null
      ? startLocalSnapshot(source, context, scheduleId)
      : await startBackup({ source, target, parent: 'best' }, context, scheduleId);
  context.history.schedules.ran(scheduleId, run.runId, context.nowMs());
  context.hub.emit('schedules.changed', {});
  return run;
}

/**
 * Carries a schedule out to its end, and prunes by its rules when it ended well. While a drive
 * is away nothing begins: the schedule stays due, and runs when the drive is back.
 */
export async function runScheduled(schedule: ScheduleRow, context: Context): Promise<void> {
  if (!isHere(schedule)) return;
  const { runId } = await beginScheduled(schedule, context);
  const run = await context.runs.ended(runId);
  if (run.state === 'done') await prune(schedule, context);
}
