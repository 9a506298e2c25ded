import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { printable } from '../../../../shared/model/bytes-text.ts';
import type { HealReport } from '../../../../shared/model/heal.ts';
import { useAct } from '../../../bridge/queries.ts';
import { formatCount, formatSize } from '../../../format/size.ts';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { VirtualGrid } from '../../../parts/virtual-grid.tsx';
import { t } from '../../../text/index.ts';
import styles from './heal.module.css';
import { healColumns } from './heal-columns.tsx';
import { HealOutcomeView } from './heal-outcome.tsx';
import { NotedText } from '../../../parts/noted.tsx';

interface HealReportViewProps {
  /** Of the look. */
  readonly runId: string;
  readonly report: HealReport;
  readonly onAgain: () => void;
}

/** What is damaged, where good copies are, and what of it to put back. */
export function HealReportView({ runId, report, onAgain }: HealReportViewProps): ReactElement {
  const { files } = report;
  const [current, setCurrent] = useState(-1);
  const healable = files.filter(({ copies }) => copies.some(({ goodBytes }) => goodBytes > 0));
  const [marked, setMarked] = useState<ReadonlySet<string>>(
    new Set(healable.map(({ path }) => path)),
  );
  const heal = useAct('heal.start');
  const toggle = (index: number): void => {
    const path = files[index]?.path;
    if (path === undefined) return;
    const next = new Set(marked);
    if (!next.delete(path)) next.add(path);
    setMarked(next);
  };
  return (
    <>
      <div className={styles.facts}>
        <Verdict report={report} healable={healable.length} />
        <Others report={report} />
        <div className={styles.actions}>
          {files.length > 0 && !heal.data && (
            <Button
              loading={heal.isPending}
              disabled={marked.size === 0}
              onClick={() => heal.mutate({ runId, paths: [...marked] })}
            >
              {t('heal.go', { count: marked.size })}
            </Button>
          )}
          <Button variant="default" onClick={onAgain}>
            {t('heal.again')}
          </Button>
        </div>
        {heal.error && <ErrorNotice error={heal.error} />}
        {heal.data && <HealOutcomeView runId={heal.data.runId} />}
      </div>
      {files.length > 0 && (
        <VirtualGrid
          label={t('heal.files')}
          columns={healColumns}
          rowCount={files.length}
          row={(index) => files[index]}
          current={current}
          onCurrent={setCurrent}
          rowPx={52}
          onMark={toggle}
          isMarked={(index) => marked.has(files[index]?.path ?? '\0')}
          markLabel={(index) => t('folder.mark', { name: printable(files[index]?.path ?? '') })}
        />
      )}
    </>
  );
}

interface VerdictProps {
  readonly report: HealReport;
  readonly healable: number;
}

function Verdict({ report, healable }: VerdictProps): ReactElement {
  const { files, filesLeftOut, filesChecked, bytesChecked, placesLooked } = report;
  const read = t('heal.read', {
    count: filesChecked,
    files: formatCount(filesChecked),
    size: formatSize(bytesChecked),
  });
  const damaged = files.length + filesLeftOut;
  if (damaged === 0) {
    return (
      <Notice tone={report.treeProblem === null ? 'proven' : 'needs-you'} urgent>
        {t('heal.none')} {read}
      </Notice>
    );
  }
  return (
    <Notice tone={healable > 0 ? 'needs-you' : 'failed'} urgent>
      <strong>{t('heal.damaged', { count: damaged, number: formatCount(damaged) })}</strong>{' '}
      {t('heal.healable', { count: healable, number: formatCount(healable) })}{' '}
      {t('heal.places', { count: placesLooked, number: formatCount(placesLooked) })} {read}
    </Notice>
  );
}

/** What is neither damaged for good nor in order. */
function Others({ report }: { readonly report: HealReport }): ReactElement {
  const { mirroredCount, unverifiedBytes, treeProblem, placesFailed } = report;
  return (
    <>
      {treeProblem !== null && (
        <Notice
          tone="failed"
          actions={
            <Button component={Link} href="/rescue" size="xs" variant="default">
              {t('nav.rescue')}
            </Button>
          }
        >
          {t('heal.tree')} <NotedText note={treeProblem} />
        </Notice>
      )}
      {mirroredCount > 0 && (
        <Notice tone="plain">
          {t('heal.mirrored', { count: mirroredCount, number: formatCount(mirroredCount) })}
        </Notice>
      )}
      {unverifiedBytes > 0 && (
        <p className="quiet">{t('heal.unverified', { size: formatSize(unverifiedBytes) })}</p>
      )}
      {placesFailed.map(({ name, reason }) => (
        <p key={`${name} ${reason.text}`} className="quiet">
          {t('heal.placeFailed', { name: printable(name) })} <NotedText note={reason} />
        </p>
      ))}
    </>
  );
}
