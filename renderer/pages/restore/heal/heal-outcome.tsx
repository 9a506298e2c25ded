import type { ReactElement } from 'react';
import type { HealOutcome } from '../../../../shared/model/heal.ts';
import { useAsk } from '../../../bridge/queries.ts';
import { formatCount } from '../../../format/size.ts';
import { CopyLine } from '../../../parts/copy-line.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { PathText } from '../../../parts/path-text.tsx';
import { RunRow } from '../../../parts/run-row.tsx';
import { t } from '../../../text/index.ts';
import styles from './heal.module.css';
import { NotedText } from '../../../parts/noted.tsx';

/** The healing as it goes on; what is good again, and what is not and why. */
export function HealOutcomeView({ runId }: { readonly runId: string }): ReactElement {
  const run = useAsk('runs.get', { runId });
  const isOver = run.data !== undefined && run.data.state !== 'running';
  const outcome = useAsk('heal.outcome', { runId }, { enabled: isOver, staleMs: Infinity });
  if (run.error) return <ErrorNotice error={run.error} />;
  if (!run.data) return <span />;
  if (!isOver) return <RunRow run={run.data} />;
  return (
    <>
      {run.data.error && <ErrorNotice error={run.data.error} />}
      {outcome.data && <Files outcome={outcome.data} />}
      {run.data.commandLine !== '' && <CopyLine text={run.data.commandLine} />}
    </>
  );
}

function Files({ outcome }: { readonly outcome: HealOutcome }): ReactElement {
  const good = outcome.files.filter(({ state }) => state === 'healed' || state === 'good');
  const others = outcome.files.filter(({ state }) => state === 'partly' || state === 'failed');
  return (
    <Notice tone={others.length === 0 ? 'proven' : 'needs-you'} urgent>
      {t('heal.done', { count: good.length, number: formatCount(good.length) })}
      {others.length > 0 && (
        <ul className={styles.others}>
          {others.map(({ path, reason }) => (
            <li key={path}>
              <PathText value={path} />{' '}
              <span className="quiet">{reason && <NotedText note={reason} />}</span>
            </li>
          ))}
        </ul>
      )}
    </Notice>
  );
}
