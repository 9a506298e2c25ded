import type { FarContact } from '../../shared/model/health.ts';
import type { Run } from '../../shared/model/run.ts';
import type { RestorePoint, Source } from '../../shared/model/subvolume.ts';
import { formatCount, formatSize } from '../format/size.ts';
import { formatAway, formatDuration, formatMoment } from '../format/time.ts';
import { joinWords, t } from '../text/index.ts';
import { sourceName } from './sources.ts';
import { inOneSentence } from './meanings.ts';

/** The four meanings that colour may carry, and none. */
export type Tone = 'proven' | 'needs-you' | 'failed' | 'away' | 'plain';

export interface Sentence {
  readonly tone: Tone;
  readonly text: string;
}

/** What is true of a source now: until when it is safe, where it is kept, what is away. */
export function sourceSentence(
  source: Source,
  now: number,
  named: (name: string) => string = (name) => name,
): Sentence {
  const name = named(sourceName(source));
  const { level, untilMs, aheadOfClock, lastSeenAtMs, provenAtMs, alsoHere } = source.health;
  if (level === 'none' || untilMs === null) {
    return { tone: 'needs-you', text: t('source.unprotected', { name }) };
  }
  const moment = formatMoment({ at: untilMs, now });
  const holders = source.health.drives.map((drive) => named(drive));
  const drives = joinWords(holders);
  if (aheadOfClock) {
    const places = joinWords([...(alsoHere ? [t('place.here')] : []), ...holders]);
    return { tone: 'needs-you', text: t('source.aheadOfClock', { name, moment, places }) };
  }
  const far = source.health.farEnds.map((one) => ` ${farSentence(one, now)}`).join('');
  switch (level) {
    case 'here-only':
      return { tone: 'needs-you', text: t('source.hereOnly', { name, moment }) };
    case 'away': {
      const away = formatAway(lastSeenAtMs ?? untilMs, now);
      const words = { name, moment, drives, away, count: holders.length };
      return { tone: 'away', text: `${t('source.away', words)}${far}` };
    }
    case 'safe': {
      const key = alsoHere ? 'source.safe' : 'source.safeOnDrive';
      const safe = `${t(key, { name, moment, drives })}${far}`;
      if (provenAtMs === null) return { tone: 'proven', text: safe };
      const checked = t('source.checked', { moment: formatMoment({ at: provenAtMs, now }) });
      return { tone: 'proven', text: `${safe} ${checked}` };
    }
  }
}

/** Another computer is not called for a look at a page: when it last answered is what is known. */
function farSentence({ name, reachedAtMs, failedAtMs }: FarContact, now: number): string {
  const reached = reachedAtMs === null ? '' : formatMoment({ at: reachedAtMs, now });
  if (failedAtMs === null) return t('source.farReached', { name, reached });
  const failed = formatMoment({ at: failedAtMs, now });
  return t('source.farFailed', { name, reached, failed });
}

/** The one line that says what a run came to. */
export function runSentence(run: Run): Sentence {
  const duration = formatDuration((run.endedAtMs ?? run.startedAtMs) - run.startedAtMs);
  switch (run.state) {
    case 'running':
      return { tone: 'plain', text: t('run.running') };
    case 'done':
      return { tone: 'proven', text: doneText(run, duration) };
    case 'failed':
      return {
        tone: 'failed',
        text: run.error ? inOneSentence(run.error) : t('run.failed'),
      };
    case 'cancelled':
      return { tone: 'needs-you', text: t('run.cancelled', { duration }) };
    case 'interrupted':
      return { tone: 'needs-you', text: t('run.interrupted') };
  }
}

/** What it moved; a cleanup counts restore points, other runs nothing but bytes, or not even those. */
function doneText({ kind, progress }: Run, duration: string): string {
  const count = kind === 'prune' ? 0 : progress.files;
  if (count === 0 && progress.bytes === 0) return t('run.doneIn', { duration });
  const figures = { size: formatSize(progress.bytes), files: formatCount(count), count };
  return t('run.done', { ...figures, duration });
}

/** A restore point in words: when, how much changed, where it is. */
export function pointSentence(point: RestorePoint, now: number): string {
  const moment = formatMoment({ at: point.takenAtMs, now });
  const places = placesOf(point);
  return point.backup
    ? t('point.withSize', { moment, size: formatSize(point.backup.bytes), places })
    : t('point.plain', { moment, places });
}

/** `this computer and Blue Drive (away)`. */
export function placesOf(point: RestorePoint): string {
  const here = point.copies.some((copy) => copy.place === 'local');
  const drives = point.copies
    .filter((copy) => copy.place === 'drive')
    .map(({ volumeName, present }) =>
      present ? volumeName : t('place.driveAway', { name: volumeName }),
    );
  return joinWords([...(here ? [t('place.here')] : []), ...new Set(drives)]);
}
