import type { Notice } from '../../shared/model/notice.ts';
import { counted, noted, say, type Note } from '../../shared/said.ts';
import { toldNote, toldTodo, toldWhat, type Tongue } from '../../shared/text/tell.ts';
import type { Telling } from '../plan/notices.ts';

const DAY_MS = 86_400_000;

/** A notice in words of a language: what happened, what it means, in that order. */
export function noticeOf({ watched, event }: Telling, nowMs: number, tongue: Tongue): Notice {
  const told = (note: Note): string => toldNote(note, tongue).text;
  const { subject, reason } = watched;
  const name = { name: watched.name };
  const since = sinceNote(watched.goodAtMs, watched.expectedSinceMs, nowMs);
  const days = { count: daysSince(watched.goodAtMs ?? watched.expectedSinceMs, nowMs) };
  const span = say`${days} ${counted(days.count, 'day', 'days')}`;
  const own = { event, subject, atMs: nowMs };
  switch (event) {
    case 'failure': {
      const why = reason === null ? [] : [toldWhat(reason, tongue), toldTodo(reason, tongue).text];
      return {
        ...own,
        title: told(noted('notice-failure', say`${name}: the backup failed`)),
        text: [...why, told(since)].filter(Boolean).join(' '),
      };
    }
    case 'recovery':
      return {
        ...own,
        title: told(noted('notice-recovery', say`${name} is backed up again`)),
        text: told(noted('notice-recovery-text', 'The trouble is over.')),
      };
    case 'silence': {
      const title = say`No backup of ${name} for ${span}`;
      return { ...own, title: told(noted('notice-silence', title)), text: told(since) };
    }
    case 'drive-missing': {
      const title = say`${name} has been away for ${span}`;
      return {
        ...own,
        title: told(noted('notice-drive-missing', title)),
        text: told(
          noted(
            'notice-drive-missing-text',
            'Nothing is lost. Plug it in and the backup goes on where it was.',
          ),
        ),
      };
    }
  }
}

function sinceNote(goodAtMs: number | null, expectedSinceMs: number, nowMs: number): Note {
  if (goodAtMs === null) return noted('notice-no-backup', 'There is no backup of it yet.');
  const days = { count: daysSince(Math.max(goodAtMs, 0), nowMs) };
  if (days.count < 1) return noted('notice-intact', 'What was backed up before is intact.');
  const old = say`The last backup is ${days} ${counted(days.count, 'day', 'days')} old`;
  return goodAtMs < expectedSinceMs
    ? noted('notice-before-plan', say`${old}, from before this plan.`)
    : noted('notice-old-backup', say`${old}; what was backed up before is intact.`);
}

function daysSince(atMs: number, nowMs: number): number {
  return Math.floor((nowMs - atMs) / DAY_MS);
}
