import { Button, Group } from '@mantine/core';
import type { ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { RescueOutcome } from '../../../shared/model/rescue.ts';
import { useAsk } from '../../bridge/queries.ts';
import { formatCount, formatSize } from '../../format/size.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Notice } from '../../parts/notice.tsx';
import { PathText } from '../../parts/path-text.tsx';
import { RunRow } from '../../parts/run-row.tsx';
import { t } from '../../text/index.ts';
import styles from './rescue.module.css';
import { NotedText } from '../../parts/noted.tsx';
import { toldNote } from '../../model/our-words.ts';

interface SaveOutcomeProps {
  readonly runId: string;
  readonly onAgain: () => void;
}

/** The copy as it goes on; then what is safe now, and what is not to be had. */
export function SaveOutcome({ runId, onAgain }: SaveOutcomeProps): ReactElement {
  const run = useAsk('runs.get', { runId });
  const state = run.data?.state;
  const report = useAsk(
    'rescue.report',
    { runId },
    { enabled: state === 'done', staleMs: Infinity },
  );
  if (run.error) return <ErrorNotice error={run.error} />;
  if (!run.data || state === 'running') return run.data ? <RunRow run={run.data} /> : <span />;
  return (
    <div className={styles.save}>
      {run.data.error && <ErrorNotice error={run.data.error} />}
      {state === 'cancelled' && <Notice tone="needs-you">{t('rescue.stoppedCopy')}</Notice>}
      {report.error && <ErrorNotice error={report.error} />}
      {report.data && <Saved report={report.data} />}
      <Group>
        <Button variant="default" onClick={onAgain}>
          {t('rescue.saveAgain')}
        </Button>
      </Group>
    </div>
  );
}

function Saved({ report }: { readonly report: RescueOutcome }): ReactElement {
  const { subvolumes, losses, lossesLeftOut, failed } = report;
  const files = subvolumes.reduce((sum, one) => sum + one.files, 0);
  const bytes = subvolumes.reduce((sum, one) => sum + one.bytes, 0);
  const unverified = subvolumes.reduce((sum, one) => sum + one.unverifiedBytes, 0);
  const lost = losses.length + lossesLeftOut;
  return (
    <>
      <Notice tone={lost === 0 && failed.length === 0 ? 'proven' : 'needs-you'} urgent>
        <p className={styles.verdict}>
          {t('rescue.saved', {
            count: files,
            files: formatCount(files),
            size: formatSize(bytes),
          })}
        </p>
        <ul className={styles.savedTo}>
          {subvolumes.map(({ subvolumeId, folder }) => (
            <li key={subvolumeId}>
              <PathText value={folder} />
            </li>
          ))}
        </ul>
        {unverified > 0 && (
          <p className="plain">{t('rescue.unverified', { size: formatSize(unverified) })}</p>
        )}
        {lost > 0 && (
          <p className="plain">{t('rescue.losses', { count: lost, number: formatCount(lost) })}</p>
        )}
      </Notice>
      {lost > 0 && (
        <details>
          <summary>{t('rescue.lossList')}</summary>
          <ul className={styles.losses}>
            {losses.map(({ subvolumeId, path, inode, what, reason, offset }) => (
              <li key={`${subvolumeId} ${inode} ${what} ${offset ?? ''} ${path}`}>
                <PathText value={path === '' ? '/' : path} />{' '}
                <span className="quiet">{`${t(`rescue.loss.${what}`)}: ${toldNote(reason).text}`}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {failed.map(({ subvolumeId, path, reason }) => (
        <Notice key={subvolumeId} tone="failed">
          {t('rescue.failedOne', { name: path === '' ? t('rescue.top') : printable(path) })}{' '}
          <NotedText note={reason} />
        </Notice>
      ))}
    </>
  );
}
