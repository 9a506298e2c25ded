import { Button } from '@mantine/core';
import { memo, type ReactElement } from 'react';
import { Link } from 'wouter';
import type { Source } from '../../../shared/model/subvolume.ts';
import { useToday } from '../../bridge/today.ts';
import { formatMoment } from '../../format/time.ts';
import { sourceSentence } from '../../model/sentences.ts';
import { shortened } from '../../model/short-text.ts';
import { refKey, sourceName } from '../../model/sources.ts';
import { ToneMark } from '../../parts/notice.tsx';
import { PathText } from '../../parts/path-text.tsx';
import { Shortened } from '../../parts/shortened.tsx';
import { t } from '../../text/index.ts';
import { useBackup } from '../backup/backup-dialog.tsx';
import { PlaceMarks } from './place-marks.tsx';
import { RecentSample } from './recent-sample.tsx';
import styles from './source-row.module.css';

/** What the column of names has room for, on the whole. */
const TITLE_LETTERS = 20;

/**
 * A source: its core sample, what is true of it, where it is kept, when it is next.
 * Not drawn again for every word of a run.
 */
export const SourceRow = memo(function SourceRow({
  source,
}: {
  readonly source: Source;
}): ReactElement {
  const backup = useBackup();
  useToday();
  const now = Date.now();
  const name = sourceName(source);
  const { tone, text } = sourceSentence(source, now);
  const short = sourceSentence(source, now, shortened).text;
  return (
    <article className={styles.row} aria-labelledby={`source-${refKey(source)}`}>
      <div className={styles.name}>
        <h2 id={`source-${refKey(source)}`} className={styles.title}>
          <Shortened whole={name} short={shortened(name, TITLE_LETTERS)} />
        </h2>
        <span className={styles.where}>
          <PathText value={source.mountedPath ?? `${source.volumeName}/${source.name}`} clip />
        </span>
      </div>
      <div className={styles.sample}>
        {source.pointCount > 0 && (
          <RecentSample
            source={source}
            label={t('sample.label', { name, count: source.pointCount })}
          />
        )}
        <p className={styles.sentence}>
          <ToneMark tone={tone} />
          <Shortened whole={text} short={short} />
        </p>
        <div className={styles.facts}>
          <PlaceMarks source={source} />
          {source.nextRunAtMs !== null && (
            <span>
              {t('source.next', { moment: formatMoment({ at: source.nextRunAtMs, now }) })}
            </span>
          )}
        </div>
      </div>
      <div className={styles.actions}>
        {source.pointCount > 0 && (
          <Link href={`/restore/${encodeURIComponent(refKey(source))}`} className={styles.link}>
            {t('source.restore')}
          </Link>
        )}
        {source.present && isOnNoDrive(source) && (
          <Button
            variant="default"
            size="xs"
            title={t('source.backUp', { name })}
            aria-label={t('source.backUp', { name })}
            onClick={() => backup.open(source)}
          >
            <span className={styles.backUp}>
              {source.pointCount > 0 ? t('source.backUpShort') : t('source.backUp', { name })}
            </span>
          </Button>
        )}
      </div>
    </article>
  );
});

/** What is there is gone with the disk, or there is nothing: that is what to do next. */
function isOnNoDrive({ pointCount, health }: Source): boolean {
  return pointCount === 0 || health.level === 'here-only';
}
