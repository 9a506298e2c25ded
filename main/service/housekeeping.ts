import type { Context } from './context.ts';

const EVERY_MS = 20_000;
const TRIM_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** What goes on beside the plans: their file is followed, the history kept within its bounds. */
export function keepHouse(context: Context): { stop(): void } {
  if (!context.options.runPlans) return { stop: () => undefined };
  let trimmedMs = -Infinity;
  const look = (): void => {
    void context.planFile.look(context);
    const now = context.nowMs();
    if (Math.abs(now - trimmedMs) < TRIM_MS) return;
    trimmedMs = now;
    const { historyDays, historyRuns } = context.history.settings.get();
    context.history.runs.trim(now - historyDays * DAY_MS, historyRuns);
  };
  const timer = setInterval(look, EVERY_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
