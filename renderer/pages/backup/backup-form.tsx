import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { BackupPlan, BackupTarget, PlanCandidate } from '../../../shared/model/backup.ts';
import type { Source, SubvolumeRef } from '../../../shared/model/subvolume.ts';
import type { Volume } from '../../../shared/model/volume.ts';
import { useAct, useAsk } from '../../bridge/queries.ts';
import { RECENT } from '../../bridge/recent.ts';
import { formatSize } from '../../format/size.ts';
import { refKey, sourceName } from '../../model/sources.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import { Candidates } from './candidates.tsx';

interface BackupFormProps {
  readonly asked: SubvolumeRef | undefined;
  readonly onDone: () => void;
}

/** Source, target, and what exactly would be sent in each way. */
export function BackupForm({ asked, onDone }: BackupFormProps): ReactElement {
  const sources = useAsk('sources.list', RECENT);
  const volumes = useAsk('volumes.list', {});
  if (sources.error ?? volumes.error)
    return (
      <ErrorNotice error={sources.error ?? volumes.error} onRetry={() => void volumes.refetch()} />
    );
  if (!sources.data || !volumes.data) return <Waiting rows={4} />;
  const present = sources.data.filter((source) => source.present);
  return <Choices asked={asked} onDone={onDone} sources={present} volumes={volumes.data} />;
}

interface ChoicesProps extends BackupFormProps {
  readonly sources: readonly Source[];
  readonly volumes: readonly Volume[];
}

function Choices({ asked, onDone, sources, volumes }: ChoicesProps): ReactElement {
  const [sourceKey, setSourceKey] = useState(() => startKey(sources, asked));
  const source = sources.find((s) => refKey(s) === sourceKey);
  const targets = volumes.filter((v) => v.canReceive && v.volumeId !== source?.volumeId);
  const [targetId, setTargetId] = useState<string | null>(null);
  const target = targets.find((v) => v.volumeId === targetId) ?? usualTarget(targets, source);
  const [folder, setFolder] = useState('');
  return (
    <Stack gap="md">
      <Select
        label={t('backup.source')}
        data={sources.map((s) => ({
          value: refKey(s),
          label: t('backup.sourceOption', { name: sourceName(s), volume: s.volumeName }),
        }))}
        value={sourceKey}
        onChange={setSourceKey}
        allowDeselect={false}
        data-autofocus
      />
      {targets.length === 0 ? (
        <Notice tone="needs-you">{t('backup.noTarget')}</Notice>
      ) : (
        <Group grow align="flex-start">
          <Select
            label={t('backup.target')}
            data={targets.map((v) => ({ value: v.volumeId, label: targetLabel(v) }))}
            value={target?.volumeId ?? null}
            onChange={setTargetId}
            allowDeselect={false}
          />
          <TextInput
            label={t('backup.folder')}
            placeholder={t('backup.folderTop')}
            value={folder}
            onChange={(event) => setFolder(event.currentTarget.value)}
          />
        </Group>
      )}
      {source && target && (
        <PlanAndStart
          key={`${refKey(source)} ${target.volumeId} ${folder}`}
          source={source}
          volume={target}
          target={{ volumeId: target.volumeId, folder }}
          onDone={onDone}
        />
      )}
    </Stack>
  );
}

function startKey(sources: readonly Source[], asked: SubvolumeRef | undefined): string | null {
  if (asked) return refKey(asked);
  const oldest = [...sources].sort((a, b) => (a.safeUpToMs ?? 0) - (b.safeUpToMs ?? 0))[0];
  return oldest ? refKey(oldest) : null;
}

/** The drive that already holds points of the source, else the roomiest. */
function usualTarget(targets: readonly Volume[], source: Source | undefined): Volume | undefined {
  const holder = source?.places.find((place) => place.place === 'drive' && place.present);
  const byRoom = [...targets].sort((a, b) => (b.freeBytes ?? 0) - (a.freeBytes ?? 0));
  return targets.find((v) => v.volumeId === holder?.volumeId) ?? byRoom[0];
}

function targetLabel(volume: Volume): string {
  return volume.freeBytes === null
    ? volume.name
    : t('backup.targetOption', { name: volume.name, free: formatSize(volume.freeBytes) });
}

interface PlanProps {
  readonly source: Source;
  readonly volume: Volume;
  readonly target: BackupTarget;
  readonly onDone: () => void;
}

function PlanAndStart({ source, volume, target, onDone }: PlanProps): ReactElement {
  const ref = { volumeId: source.volumeId, subvolumeId: source.subvolumeId };
  const plan = useAsk('backup.plan', { source: ref, target }, { staleMs: 0 });
  const start = useAct('backup.start');
  const [chosen, setChosen] = useState(0);
  const candidate = plan.data?.candidates[chosen];
  const begin = (): void => {
    const parent = candidate?.parent
      ? { volumeId: candidate.parent.volumeId, subvolumeId: candidate.parent.subvolumeId }
      : 'full';
    start.mutate({ source: ref, target, parent }, { onSuccess: onDone });
  };
  return (
    <>
      {plan.isPending && (
        <div>
          <p className="quiet">{t('backup.counting')}</p>
          <Waiting rows={2} rowPx={40} />
        </div>
      )}
      {plan.error && <ErrorNotice error={plan.error} onRetry={() => void plan.refetch()} />}
      {plan.data && <Candidates plan={plan.data} chosen={chosen} onChoose={setChosen} />}
      {candidate && plan.data && (
        <Room plan={plan.data} candidate={candidate} drive={volume.name} />
      )}
      {start.error && <ErrorNotice error={start.error} />}
      <Group justify="flex-end" mt="xs">
        <Button variant="default" onClick={onDone}>
          {t('action.close')}
        </Button>
        <Button onClick={begin} disabled={!candidate} loading={start.isPending}>
          {candidate
            ? t('backup.start', { size: formatSize(candidate.bytes), drive: volume.name })
            : t('action.backUpNow')}
        </Button>
      </Group>
    </>
  );
}

interface RoomProps {
  readonly plan: BackupPlan;
  readonly candidate: PlanCandidate;
  readonly drive: string;
}

/** Whether what would be sent has room at the drive. */
function Room({ plan, candidate, drive }: RoomProps): ReactElement | null {
  const free = plan.targetFreeBytes;
  if (free === null || candidate.bytes <= free) return null;
  return (
    <Notice tone="needs-you">
      {t('backup.noRoom', {
        drive,
        free: formatSize(free),
        missing: formatSize(candidate.bytes - free),
      })}
    </Notice>
  );
}
