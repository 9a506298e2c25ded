import { Button, Group } from '@mantine/core';
import type { ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { RecoverReport } from '../../../shared/model/recover.ts';
import { useAsk } from '../../bridge/queries.ts';
import { formatCount } from '../../format/size.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Notice } from '../../parts/notice.tsx';
import { RunRow } from '../../parts/run-row.tsx';
import { t } from '../../text/index.ts';
import { Holder } from './holder.tsx';
import styles from './rescue.module.css';

interface RecoveredProps {
  readonly runId: string;
  readonly path: string;
  readonly homePath: string;
  /** Search a volume that does not open for a way in. */
  readonly onSearch: (path: string) => void;
  readonly onAgain: () => void;
}

/** All that can be restored from a disk, an image or a folder, of which nothing is known. */
export function Recovered(props: RecoveredProps): ReactElement {
  const { runId, path, homePath, onSearch, onAgain } = props;
  const run = useAsk('runs.get', { runId });
  const state = run.data?.state;
  const report = useAsk(
    'recover.report',
    { runId },
    { enabled: state === 'done', staleMs: Infinity },
  );
  return (
    <>
      <h2 className={styles.question}>{printable(path)}</h2>
      {run.error && <ErrorNotice error={run.error} />}
      {run.data && state === 'running' && (
        <>
          <p className={styles.lead}>{t('rescue.recovering')}</p>
          <RunRow run={run.data} />
        </>
      )}
      {state === 'cancelled' && <Notice tone="plain">{t('rescue.stopped')}</Notice>}
      {run.data?.error && state === 'failed' && <ErrorNotice error={run.data.error} />}
      {report.error && <ErrorNotice error={report.error} />}
      {report.data && <Verdict report={report.data} />}
      {report.data?.holders.map((holder, index) => (
        <Holder
          key={`${holder.kind} ${holder.path}`}
          runId={runId}
          index={index}
          holder={holder}
          points={report.data.points.filter((point) => point.holder === index)}
          homePath={homePath}
          onSearch={onSearch}
        />
      ))}
      {state !== undefined && state !== 'running' && (
        <Group>
          <Button variant="default" onClick={onAgain}>
            {t('rescue.other')}
          </Button>
          {report.data?.holders.length === 0 && (
            <Button onClick={() => onSearch(path)}>{t('rescue.search')}</Button>
          )}
        </Group>
      )}
    </>
  );
}

function Verdict({ report }: { readonly report: RecoverReport }): ReactElement {
  const { points, holders, isCut } = report;
  const whole = points.filter(({ problem }) => problem === null).length;
  const isTrouble = holders.some(({ problem }) => problem !== null);
  if (whole === 0) {
    return (
      <Notice tone={isTrouble ? 'needs-you' : 'failed'} urgent>
        <p className={styles.verdict}>{t(isTrouble ? 'rescue.closed' : 'rescue.nothing')}</p>
      </Notice>
    );
  }
  return (
    <Notice tone={isTrouble ? 'needs-you' : 'proven'} urgent>
      <p className={styles.verdict}>
        {t('rescue.states', { count: whole, number: formatCount(whole) })}
      </p>
      {isTrouble && <p className="plain">{t('rescue.someClosed')}</p>}
      {isCut && <p className="plain">{t('rescue.cut')}</p>}
    </Notice>
  );
}
