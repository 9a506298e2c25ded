import { Button, Select } from '@mantine/core';
import { useMemo, useState, type ReactElement } from 'react';
import type { CopyRef } from '../../../../shared/model/place.ts';
import type { RestorePoint, Source } from '../../../../shared/model/subvolume.ts';
import { useKeys, withKey, type Keys } from '../../../bridge/keys.ts';
import { useAct, useAsk } from '../../../bridge/queries.ts';
import { useToday } from '../../../bridge/today.ts';
import { formatMoment } from '../../../format/time.ts';
import { readableCopy } from '../../../model/sources.ts';
import { ArchiveGate, useIsOpen } from '../../../parts/archive-gate.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { RunRow } from '../../../parts/run-row.tsx';
import { t } from '../../../text/index.ts';
import styles from './changes.module.css';
import { ChangesTree } from './changes-tree.tsx';

interface ChangesViewProps {
  readonly source: Source;
  readonly point: RestorePoint;
}

/** What the source is now, as one more state to compare with. */
const NOW = 'now';

/** What changed between the chosen moment and another one: content, truly compared. */
export function ChangesView({ source, point }: ChangesViewProps): ReactElement {
  const [picked, setPicked] = useState<string | null>(null);
  const start = useAct('comparison.start');
  const otherId = picked ?? before(source, point)?.pointId ?? (source.present ? NOW : '');
  const keys = useKeys();
  const [isOpened, setOpened] = useState(false);
  const today = useToday();
  // Thousands of moments are written out once somebody looks at them.
  const options = useMemo(
    () => optionsOf(source, point, isOpened ? undefined : otherId),
    [source, point, otherId, isOpened, today],
  );
  const otherPoint = source.points.find(({ pointId }) => pointId === otherId);
  const otherCopy = otherPoint && readableCopy(otherPoint);
  const isOpen = useIsOpen(otherCopy);
  const other = sideOf(source, otherId, keys);
  const here = readableCopy(point);
  // The older one first, whichever was chosen.
  const isOlder = other !== undefined && other.takenAtMs < point.takenAtMs;
  const sides =
    here && other && isOpen
      ? isOlder
        ? [other.ref, withKey(here, keys)]
        : [withKey(here, keys), other.ref]
      : undefined;
  const key = JSON.stringify(sides);
  const [compared, setCompared] = useState('');
  const [from, to] = sides ?? [];
  const begin = (): void => {
    if (!from || !to) return;
    setCompared(key);
    start.mutate({ from: { kind: 'snapshot', ...from }, to: { kind: 'snapshot', ...to } });
  };
  return (
    <section className={styles.view} aria-label={t('changes.label')}>
      <div className={styles.bar}>
        <Select
          size="xs"
          w={300}
          aria-label={t('changes.with')}
          data={options}
          onDropdownOpen={() => setOpened(true)}
          onDropdownClose={() => setOpened(false)}
          value={otherId}
          onChange={setPicked}
          allowDeselect={false}
          searchable
          limit={200}
          nothingFoundMessage={t('changes.noMoment')}
        />
        <Button
          size="xs"
          loading={start.isPending}
          disabled={!sides || (start.isSuccess && compared === key)}
          onClick={begin}
        >
          {t('changes.go')}
        </Button>
      </div>
      {otherId === '' && <Hint text={t('changes.none')} />}
      {start.error && <ErrorNotice error={start.error} inset />}
      {from && to && start.data && compared === key ? (
        <Compared runId={start.data.runId} from={from} to={to} takenAtMs={point.takenAtMs} />
      ) : (
        otherId !== '' &&
        !start.error &&
        (otherCopy && !isOpen ? (
          <ArchiveGate copy={otherCopy}>{null}</ArchiveGate>
        ) : (
          <Hint text={t('changes.hint')} />
        ))
      )}
    </section>
  );
}

function Hint({ text }: { readonly text: string }): ReactElement {
  return (
    <div className={styles.hint}>
      <Notice tone="plain">{text}</Notice>
    </div>
  );
}

interface ComparedProps {
  readonly runId: string;
  readonly from: CopyRef;
  readonly to: CopyRef;
  readonly takenAtMs: number;
}

function Compared({ runId, from, to, takenAtMs }: ComparedProps): ReactElement {
  const run = useAsk('runs.get', { runId });
  if (run.error) return <ErrorNotice error={run.error} inset />;
  if (!run.data) return <span />;
  if (run.data.state === 'running') return <RunRow run={run.data} />;
  if (run.data.error) return <ErrorNotice error={run.data.error} inset />;
  if (run.data.state !== 'done') return <Hint text={t('changes.stopped')} />;
  return (
    <ChangesTree
      runId={runId}
      commandLine={run.data.commandLine}
      from={from}
      to={to}
      takenAtMs={takenAtMs}
    />
  );
}

/** The point before it in time that can be read. */
function before({ points }: Source, point: RestorePoint): RestorePoint | undefined {
  return points.slice(points.indexOf(point) + 1).find((one) => readableCopy(one));
}

function sideOf(
  source: Source,
  id: string,
  keys: Keys,
): { readonly ref: CopyRef; readonly takenAtMs: number } | undefined {
  if (id === NOW) return { ref: withKey(source, keys), takenAtMs: Infinity };
  const point = source.points.find(({ pointId }) => pointId === id);
  const copy = point && readableCopy(point);
  return copy && { ref: withKey(copy, keys), takenAtMs: point.takenAtMs };
}

/** @param only the one that is chosen, where no other is looked at */
function optionsOf(
  source: Source,
  point: RestorePoint,
  only: string | undefined,
): { value: string; label: string }[] {
  const now = Date.now();
  const points = source.points
    .filter((one) => one !== point && (only ?? one.pointId) === one.pointId && readableCopy(one))
    .map(({ pointId, takenAtMs }) => ({
      value: pointId,
      label: t('changes.moment', { moment: formatMoment({ at: takenAtMs, now }) }),
    }));
  return [...(source.present ? [{ value: NOW, label: t('changes.now') }] : []), ...points];
}
