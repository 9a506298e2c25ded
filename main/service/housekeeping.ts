import type { Context } from './context.ts';
import { TimeZone } from './time-zone.ts';

const EVERY_MS = 20_000;
const TRIM_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * What goes on beside the plans: their file and the time zone are followed, the history is kept
 * within its bounds.
 */
export function keepHouse(context: Context): { stop(): void } {
  if (!context.options.runPlans) return { stop: () => undefined };
  let trimmedMs = -Infinity;
  const { background } = context;
  const zone = new TimeZone(process.env);
  const look = (): void => {
    // The next run of a plan for 18:00 is at 18:00 of where the computer has come to.
    if (zone.follow()) context.hub.emit('plans.changed', {});
    background.run('Reading the plan file', () => context.planFile.look(context));
    background.run('Looking for updates', () => lookForUpdates(context));
    background.run('Trimming the history', trim);
  };
  const trim = (): void => {
    const now = context.nowMs();
    if (Math.abs(now - trimmedMs) < TRIM_MS) return;
    const { historyDays, historyRuns } = context.history.settings.get();
    context.history.runs.trim(now - historyDays * DAY_MS, historyRuns);
    trimmedMs = now;
  };
  const timer = setInterval(look, EVERY_MS);
  timer.unref();
  const growth = growCatalogue(context);
  return {
    stop: () => {
      clearInterval(timer);
      growth.stop();
    },
  };
}

/** When the channel does not answer, it is asked again after an hour. */
const lastTries = new WeakMap<Context, number>();
const RETRY_MS = 3_600_000;

/** Once a day, where a person has switched it on; what is found is only told. */
async function lookForUpdates(context: Context): Promise<void> {
  const { history, updates, nowMs, hub } = context;
  if (!history.settings.get().lookForUpdates) return;
  const now = nowMs();
  if (Math.abs(now - (lastTries.get(context) ?? -Infinity)) < RETRY_MS) return;
  lastTries.set(context, now);
  const { state, lookedAtMs } = await updates.state();
  if (state === 'none' || Math.abs(now - (lookedAtMs ?? -Infinity)) < DAY_MS) return;
  await updates.check().catch(() => undefined);
  hub.emit('settings.changed', {});
}

/** So long after the last change of what is on the volumes: a backup makes several of them. */
const QUIET_MS = 30_000;

/** Takes new points into the catalogue once it is quiet; what fails is tried at the next change. */
function growCatalogue({ hub, catalogue }: Context): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const due = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void catalogue.update().catch(() => undefined), QUIET_MS);
    timer.unref();
  };
  const unsubscribe = hub.subscribe((event) => {
    if (event === 'volumes.changed') due();
  });
  due();
  return {
    stop: () => {
      unsubscribe();
      clearTimeout(timer);
    },
  };
}
