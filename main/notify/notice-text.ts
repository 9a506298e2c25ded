import type { Notice } from '../../shared/model/notice.ts';
import { counted } from '../../shared/said.ts';
import type { Telling } from '../plan/notices.ts';

const DAY_MS = 86_400_000;

/** A notice in words: what happened, what it means, in that order. */
export function noticeOf({ watched, event }: Telling, nowMs: number): Notice {
  const { subject, name, reason } = watched;
  const own = { event, subject, atMs: nowMs };
  const since = sinceText(watched.goodAtMs, watched.expectedSinceMs, nowMs);
  switch (event) {
    case 'failure':
      return { ...own, title: `${name}: the backup failed`, text: `${reason} ${since}` };
    case 'recovery':
      return { ...own, title: `${name} is backed up again`, text: 'The trouble is over.' };
    case 'silence':
      return { ...own, title: `No backup of ${name} for ${daysText(watched, nowMs)}`, text: since };
    case 'drive-missing':
      return {
        ...own,
        title: `${name} has been away for ${daysText(watched, nowMs)}`,
        text: 'Nothing is lost. Plug it in and the backup goes on where it was.',
      };
  }
}

function sinceText(goodAtMs: number | null, expectedSinceMs: number, nowMs: number): string {
  if (goodAtMs === null) return 'There is no backup of it yet.';
  const past = nowMs - Math.max(goodAtMs, 0);
  if (past < DAY_MS) return 'What was backed up before is intact.';
  const days = Math.floor(past / DAY_MS);
  const span = `${days} ${counted(days, 'day', 'days')}`;
  return goodAtMs < expectedSinceMs
    ? `The last backup is ${span} old, from before this plan.`
    : `The last backup is ${span} old; what was backed up before is intact.`;
}

function daysText({ goodAtMs, expectedSinceMs }: Telling['watched'], nowMs: number): string {
  const days = Math.floor((nowMs - (goodAtMs ?? expectedSinceMs)) / DAY_MS);
  return `${days} ${counted(days, 'day', 'days')}`;
}
