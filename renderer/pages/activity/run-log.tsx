import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useAsk } from '../../bridge/queries.ts';
import { formatCount } from '../../format/size.ts';
import { formatClock } from '../../format/time.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import styles from './activity.module.css';

const LINES = 1_000;

/** What a run wrote down, line by line, as the service wrote it. */
export function RunLog({ runId }: { readonly runId: string }): ReactElement {
  const [open, setOpen] = useState(false);
  const log = useAsk('runs.log', { runId, limit: LINES }, { enabled: open, staleMs: 0 });
  const lines = log.data?.lines ?? [];
  return (
    <section>
      <h3 className={styles.heading}>{t('activity.log')}</h3>
      {!open && (
        <Button variant="default" size="xs" onClick={() => setOpen(true)}>
          {t('activity.logShow')}
        </Button>
      )}
      {open && log.isPending && <Waiting rows={4} rowPx={20} />}
      {log.error && <ErrorNotice error={log.error} onRetry={() => void log.refetch()} />}
      {log.data && lines.length === 0 && <p className="quiet">{t('activity.logNone')}</p>}
      {lines.length > 0 && (
        <ol className={styles.log} tabIndex={0} aria-label={t('activity.log')} lang="en">
          {lines.map(({ atMs, text }, i) => (
            <li key={i}>
              <time dateTime={new Date(atMs).toISOString()}>{formatClock(atMs)}</time>
              <bdi>{text}</bdi>
            </li>
          ))}
        </ol>
      )}
      {log.data && log.data.total > lines.length && (
        <p className="quiet">
          {t('activity.logMore', {
            shown: formatCount(lines.length),
            total: formatCount(log.data.total),
          })}
        </p>
      )}
    </section>
  );
}
