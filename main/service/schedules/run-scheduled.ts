import type { Run } from '../../../shared/model/run.ts';
import type { ScheduleRow } from '../../history/schedules.ts';
import { startBackup } from '../backup/start-backup.ts';
import type { Context } from '../context.ts';
import { startLocalSnapshot } from './local-snapshot.ts';
import { prune } from './prune.ts';

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

/** Carries a schedule out to its end, and prunes by its rules when it ended well. */
export async function runScheduled(schedule: ScheduleRow, context: Context): Promise<void> {
  const { runId } = await beginScheduled(schedule, context);
  const run = await context.runs.ended(runId);
  if (run.state === 'done') await prune(schedule, context);
}
