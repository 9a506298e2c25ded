import { Select, Stack } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { Drive } from '../../../shared/model/drive.ts';
import type { Source, SubvolumeRef } from '../../../shared/model/subvolume.ts';
import type { Volume } from '../../../shared/model/volume.ts';
import { useAsk } from '../../bridge/queries.ts';
import { SOURCE_LIST } from '../../bridge/source-list.ts';
import { placesFor, unusableDrives, type BackupPlace } from '../../model/backup-places.ts';
import { placeText } from '../../model/place-text.ts';
import { refKey, sourceName } from '../../model/sources.ts';
import { EmptyDrive } from '../../parts/empty-drive.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import { ClosedPlace } from './closed-place.tsx';
import { ExportPart } from './export-part.tsx';
import { SendPart } from './send-part.tsx';

/** What a person chose before the dialog opened. */
export interface Asked {
  readonly source?: SubvolumeRef | undefined;
  readonly placeId?: string | undefined;
}

interface BackupFormProps {
  readonly asked: Asked;
  readonly onDone: () => void;
}

/** Source, target, and what exactly would be sent in each way. */
export function BackupForm({ asked, onDone }: BackupFormProps): ReactElement {
  const sources = useAsk('sources.list', SOURCE_LIST);
  const volumes = useAsk('volumes.list', {});
  const drives = useAsk('drives.list', {});
  if (sources.error ?? volumes.error)
    return (
      <ErrorNotice error={sources.error ?? volumes.error} onRetry={() => void volumes.refetch()} />
    );
  if (!sources.data || !volumes.data || drives.isPending) return <Waiting rows={4} />;
  const present = sources.data.filter((source) => source.present);
  return (
    <Choices
      asked={asked}
      onDone={onDone}
      sources={present}
      volumes={volumes.data}
      drives={drives.data ?? []}
    />
  );
}

interface ChoicesProps extends BackupFormProps {
  readonly sources: readonly Source[];
  readonly volumes: readonly Volume[];
  readonly drives: readonly Drive[];
}

function Choices({ asked, onDone, sources, volumes, drives }: ChoicesProps): ReactElement {
  const [sourceKey, setSourceKey] = useState(() => startKey(sources, asked.source));
  const source = sources.find((s) => refKey(s) === sourceKey);
  const places = placesFor(source, volumes, drives);
  const [placeId, setPlaceId] = useState<string | null>(asked.placeId ?? null);
  const place = places.find(({ id }) => id === placeId) ?? places[0];
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
      {places.length === 0 ? (
        <NoPlace drives={drives} />
      ) : (
        <Select
          label={t('backup.target')}
          data={places.map((one) => ({ value: one.id, label: placeText(one) }))}
          value={place?.id ?? null}
          onChange={setPlaceId}
          allowDeselect={false}
        />
      )}
      {source && place && (
        <PlacePart
          key={`${refKey(source)} ${place.id} ${place.kind}`}
          source={source}
          place={place}
          onMounted={setPlaceId}
          onDone={onDone}
        />
      )}
    </Stack>
  );
}

interface PlacePartProps {
  readonly source: Source;
  readonly place: BackupPlace;
  readonly onMounted: (id: string) => void;
  readonly onDone: () => void;
}

function PlacePart({ source, place, onMounted, onDone }: PlacePartProps): ReactElement {
  switch (place.kind) {
    case 'btrfs':
      return <SendPart source={source} place={place} onDone={onDone} />;
    case 'streams':
      return <ExportPart source={source} place={place} onDone={onDone} />;
    case 'closed':
      return <ClosedPlace place={place} onMounted={onMounted} />;
  }
}

/** Nothing to send to: what can be done about it, for each drive that was found. */
function NoPlace({ drives }: { readonly drives: readonly Drive[] }): ReactElement {
  return (
    <>
      <Notice tone="needs-you">{t('backup.noTarget')}</Notice>
      {unusableDrives(drives).map((drive) => (
        <EmptyDrive key={drive.driveId} drive={drive} />
      ))}
    </>
  );
}

function startKey(sources: readonly Source[], asked: SubvolumeRef | undefined): string | null {
  if (asked) return refKey(asked);
  const oldest = [...sources].sort((a, b) => (a.safeUpToMs ?? 0) - (b.safeUpToMs ?? 0))[0];
  return oldest ? refKey(oldest) : null;
}
