import { randomUUID } from 'node:crypto';
import { previewSchedule } from '../../plan/preview.ts';
import { beginScheduled } from '../schedules/run-scheduled.ts';
import type { Handlers } from './index.ts';

type Names =
  | 'schedules.list'
  | 'schedules.create'
  | 'schedules.update'
  | 'schedules.delete'
  | 'schedules.run'
  | 'schedules.preview';

export const scheduleHandlers: Pick<Handlers, Names> = {
  'schedules.list': async (_, { history, scheduler }) =>
    history.schedules.list().map((row) => scheduler.describe(row)),

  'schedules.create': async (draft, { history, scheduler, hub, nowMs }) => {
    const scheduleId = randomUUID();
    history.schedules.create(scheduleId, draft, nowMs());
    hub.emit('schedules.changed', {});
    return scheduler.describe(history.schedules.get(scheduleId));
  },

  'schedules.update': async ({ scheduleId, ...draft }, { history, scheduler, hub }) => {
    history.schedules.update(scheduleId, draft);
    hub.emit('schedules.changed', {});
    return scheduler.describe(history.schedules.get(scheduleId));
  },

  'schedules.delete': async ({ scheduleId }, { history, hub }) => {
    history.schedules.delete(scheduleId);
    hub.emit('schedules.changed', {});
    return {};
  },

  'schedules.run': async ({ scheduleId }, context) => {
    const { runId } = await beginScheduled(context.history.schedules.get(scheduleId), context);
    return { runId };
  },

  'schedules.preview': async ({ timing, keepLocal, keepTarget, atMs, place }, { nowMs }) =>
    previewSchedule(timing, place === 'local' ? keepLocal : keepTarget, nowMs(), atMs),
};
