import { Button, Select } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, useRef, useState, type ReactElement } from 'react';
import { Link, useLocation } from 'wouter';
import type { RestorePoint, Source } from '../../../shared/model/subvolume.ts';
import { useAsk } from '../../bridge/queries.ts';
import { SOURCE_LIST } from '../../bridge/source-list.ts';
import { useSourcePoints } from '../../bridge/source-points.ts';
import { placeWord } from '../../model/place-words.ts';
import { readableCopy, refKey, sourceName } from '../../model/sources.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import { RollbackDialog, type Rollback } from './rollback/rollback-dialog.tsx';
import { SourceHistory } from './source-history.tsx';

interface RestorePageProps {
  readonly sourceKey: string | undefined;
  readonly pointId: string | undefined;
  /** What to show at that moment. */
  readonly path: string | undefined;
}

/** Choose the moment, see the folder as it was then, bring back what is missed. */
export function RestorePage({ sourceKey, pointId, path }: RestorePageProps): ReactElement {
  const sources = useAsk('sources.list', SOURCE_LIST, { keep: true });
  const volumes = useAsk('volumes.list', {});
  const [rollback, setRollback] = useState<Rollback>();
  const withPoints = (sources.data ?? []).filter((source) => source.pointCount > 0);
  // What is open stays open over a rollback: another subvolume comes to be in the place, and its
  // points take a while. Meanwhile the old one may be seen under another name, or nothing at all.
  const shown = useRef<Shown>(undefined);
  const before = shown.current?.sourceKey === sourceKey ? shown.current : undefined;
  const known =
    withPoints.find((s) => refKey(s) === sourceKey) ??
    withPoints.find((s) => placeKey(s) === before?.place);
  const chosen = known ?? withPoints[0];
  const kept = known && before;
  const { points: read, isWhole, error, retry } = useSourcePoints(chosen);
  const place = kept?.place ?? (chosen && placeKey(chosen));
  if (place && read && (known || !before)) shown.current = { sourceKey, place, points: read };
  const points = read ?? kept?.points;
  const source = chosen && points && { ...chosen, points };
  // One that is not among the newest is waited for before another one is shown in its place.
  const named = points?.find((p) => p.pointId === pointId);
  const point = named ?? (pointId === undefined || isWhole ? points?.[0] : undefined);
  const copy = point && readableCopy(point);
  const word = copy ? placeWord(volumes.data, copy) : '';
  return (
    <>
      <PageHeader
        title={t('nav.restore')}
        commands={['dendro snapshots', ...(word === '' ? [] : [`dendro ls ${word}`])]}
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
            {chosen && <SourceChoice sources={withPoints} source={chosen} />}
          </>
        }
      />
      {(sources.isPending || (chosen && !point && !error)) && <Waiting rows={6} inset />}
      {sources.error && (
        <ErrorNotice error={sources.error} onRetry={() => void sources.refetch()} inset />
      )}
      {error && <ErrorNotice error={error} onRetry={retry} inset />}
      {sources.data && !chosen && (
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
        <SourceHistory key={place} {...{ source, point, path }} onRollback={setRollback} />
      )}
      {rollback && <RollbackDialog {...rollback} onClose={() => setRollback(undefined)} />}
    </>
  );
}

interface Shown {
  readonly sourceKey: string | undefined;
  /** Where the source was first. */
  readonly place: string;
  readonly points: RestorePoint[];
}

/** After a rollback another subvolume stands there, and goes on with its points. */
const placeKey = ({ volumeId, name }: Source): string => `${volumeId} ${name}`;

interface SourceChoiceProps {
  readonly sources: readonly Source[];
  readonly source: Source;
}

function SourceChoice({ sources, source }: SourceChoiceProps): ReactElement {
  const [, navigate] = useLocation();
  const options = useMemo(
    () =>
      sources.map((s) => ({
        value: refKey(s),
        label: t('backup.sourceOption', { name: sourceName(s), volume: s.volumeName }),
      })),
    [sources],
  );
  return (
    <Select
      aria-label={t('restore.source')}
      data={options}
      value={refKey(source)}
      onChange={(key) => key !== null && navigate(`/restore/${encodeURIComponent(key)}`)}
      allowDeselect={false}
      w={280}
      maw="100%"
    />
  );
}
