import { Button, Select } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import { Link, useLocation } from 'wouter';
import type { Source } from '../../../shared/model/subvolume.ts';
import { useAsk } from '../../bridge/queries.ts';
import { placeWord } from '../../model/place-words.ts';
import { readableCopy, refKey, sourceName } from '../../model/sources.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import { SourceHistory } from './source-history.tsx';

interface RestorePageProps {
  readonly sourceKey: string | undefined;
  readonly pointId: string | undefined;
  /** What to show at that moment. */
  readonly path: string | undefined;
}

/** Choose the moment, see the folder as it was then, bring back what is missed. */
export function RestorePage({ sourceKey, pointId, path }: RestorePageProps): ReactElement {
  const sources = useAsk('sources.list', {}, { keep: true });
  const volumes = useAsk('volumes.list', {});
  const withPoints = (sources.data ?? []).filter((source) => source.points.length > 0);
  const source = withPoints.find((s) => refKey(s) === sourceKey) ?? withPoints[0];
  const point = source?.points.find((p) => p.pointId === pointId) ?? source?.points[0];
  const copy = point && readableCopy(point);
  const place = copy ? placeWord(volumes.data, copy) : '';
  return (
    <>
      <PageHeader
        title={t('nav.restore')}
        commands={['dendro snapshots', ...(place === '' ? [] : [`dendro ls ${place}`])]}
        actions={
          <>
            <Button
              component={Link}
              href="/restore/find"
              variant="default"
              leftSection={<IconSearch size={15} aria-hidden="true" />}
            >
              {t('restore.findEverywhere')}
            </Button>
            {source && <SourceChoice sources={withPoints} source={source} />}
          </>
        }
      />
      {sources.isPending && <Waiting rows={6} inset />}
      {sources.error && (
        <ErrorNotice error={sources.error} onRetry={() => void sources.refetch()} inset />
      )}
      {sources.data && !source && (
        <Empty
          title={t('restore.none')}
          action={
            <Button component={Link} href="/rescue" variant="default">
              {t('restore.noneRescue')}
            </Button>
          }
        >
          {t('restore.noneText')}
        </Empty>
      )}
      {source && point && (
        <SourceHistory key={refKey(source)} source={source} point={point} path={path} />
      )}
    </>
  );
}

interface SourceChoiceProps {
  readonly sources: readonly Source[];
  readonly source: Source;
}

function SourceChoice({ sources, source }: SourceChoiceProps): ReactElement {
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
