import { Select } from '@mantine/core';
import type { ReactElement } from 'react';
import { useLocation } from 'wouter';
import type { Source } from '../../../shared/model/subvolume.ts';
import { useAsk } from '../../bridge/queries.ts';
import { readableCopy, refKey, sourceName } from '../../model/sources.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Notice } from '../../parts/notice.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import { Browser } from './browser.tsx';
import { MomentPicker } from './moment-picker.tsx';
import styles from './restore.module.css';

interface RestorePageProps {
  readonly sourceKey: string | undefined;
  readonly pointId: string | undefined;
}

/** Choose the moment, see the folder as it was then, bring back what is missed. */
export function RestorePage({ sourceKey, pointId }: RestorePageProps): ReactElement {
  const sources = useAsk('sources.list', {}, { keep: true });
  const withPoints = (sources.data ?? []).filter((source) => source.points.length > 0);
  const wanted = sourceKey === undefined ? undefined : decodeURIComponent(sourceKey);
  const source = withPoints.find((s) => refKey(s) === wanted) ?? withPoints[0];
  return (
    <>
      <PageHeader
        title={t('nav.restore')}
        actions={source && <SourceChoice sources={withPoints} source={source} />}
      />
      {sources.isPending && <Waiting rows={6} inset />}
      {sources.error && (
        <ErrorNotice error={sources.error} onRetry={() => void sources.refetch()} inset />
      )}
      {sources.data && !source && <Empty title={t('restore.none')}>{t('restore.noneText')}</Empty>}
      {source && <SourceHistory key={refKey(source)} source={source} pointId={pointId} />}
    </>
  );
}

function SourceChoice({
  sources,
  source,
}: {
  readonly sources: readonly Source[];
  readonly source: Source;
}): ReactElement {
  const [, navigate] = useLocation();
  return (
    <Select
      aria-label={t('restore.source')}
      data={sources.map((s) => ({
        value: refKey(s),
        label: t('backup.sourceOption', { name: sourceName(s), volume: s.volumeName }),
      }))}
      value={refKey(source)}
      onChange={(key) => key !== null && navigate(`/restore/${encodeURIComponent(key)}`)}
      allowDeselect={false}
      w={280}
    />
  );
}

interface SourceHistoryProps {
  readonly source: Source;
  readonly pointId: string | undefined;
}

function SourceHistory({ source, pointId }: SourceHistoryProps): ReactElement {
  const [, navigate] = useLocation();
  const wanted = pointId === undefined ? undefined : decodeURIComponent(pointId);
  const point = source.points.find((p) => p.pointId === wanted) ?? source.points[0]!;
  const copy = readableCopy(point);
  const choose = (id: string): void =>
    navigate(`/restore/${encodeURIComponent(refKey(source))}/${encodeURIComponent(id)}`, {
      replace: true,
    });
  return (
    <>
      <MomentPicker source={source} point={point} onChoose={choose} />
      {copy ? (
        <Browser
          point={{ volumeId: copy.volumeId, subvolumeId: copy.subvolumeId }}
          takenAtMs={point.takenAtMs}
        />
      ) : (
        <div className={styles.away}>
          <Notice tone="away">
            {t('restore.away', { drives: point.copies.map((c) => c.volumeName).join(', ') })}
          </Notice>
        </div>
      )}
    </>
  );
}
