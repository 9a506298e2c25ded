import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { Volume } from '../../../shared/model/volume.ts';
import { useAct } from '../../bridge/queries.ts';
import { useAnnounce } from '../../parts/announcer.tsx';
import { DetailPane } from '../../parts/detail-pane.tsx';
import { Dialog } from '../../parts/dialog.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Facts, type Fact } from '../../parts/facts.tsx';
import { Moment } from '../../parts/figures.tsx';
import { PathText } from '../../parts/path-text.tsx';
import { t } from '../../text/index.ts';
import { kindWords } from './subvolume-table.tsx';

const STALE = ['subvolumes.list', 'points.list', 'sources.list', 'volumes.list'] as const;

interface SubvolumePaneProps {
  readonly volume: Volume;
  readonly subvolume: Subvolume;
  readonly all: readonly Subvolume[];
  readonly onClose: () => void;
}

/** A subvolume's identity and lineage, and what can be done with it. */
export function SubvolumePane(props: SubvolumePaneProps): ReactElement {
  const { volume, subvolume, onClose } = props;
  const [asking, setAsking] = useState<'create' | 'delete' | null>(null);
  const name = displayName(subvolume);
  const writable = volume.mounts.some((mount) => !mount.readOnly);
  return (
    <DetailPane
      title={<bdi>{name}</bdi>}
      label={t('drives.paneLabel', { name })}
      onClose={onClose}
      footer={
        writable && (
          <Group>
            <Button variant="default" onClick={() => setAsking('create')}>
              {t('drives.createSnapshot')}
            </Button>
            {subvolume.kind !== 'subvolume' && (
              <Button variant="default" c="var(--cedar)" onClick={() => setAsking('delete')}>
                {t('drives.deleteSnapshot')}
              </Button>
            )}
          </Group>
        )
      }
    >
      <Facts facts={factsOf(props)} />
      {asking === 'create' && (
        <CreateDialog subvolume={subvolume} onClose={() => setAsking(null)} />
      )}
      {asking === 'delete' && (
        <DeleteDialog
          volume={volume}
          subvolume={subvolume}
          onClose={() => setAsking(null)}
          onDeleted={onClose}
        />
      )}
    </DetailPane>
  );
}

function displayName(subvolume: Subvolume): string {
  return subvolume.path === '' ? t('drives.topLevel') : printable(subvolume.path);
}

function factsOf({ subvolume, all }: SubvolumePaneProps): Fact[] {
  const parent = all.find((s) => s.uuid !== null && s.uuid === subvolume.parentUuid);
  const mono = (value: string | null): ReactElement | null =>
    value === null ? null : <PathText value={value} />;
  return [
    { label: t('drives.factKind'), value: kindWords(subvolume) },
    { label: t('drives.factCreated'), value: <Moment at={subvolume.createdAtMs} /> },
    { label: t('drives.factSeenAt'), value: mono(subvolume.mountedPath) },
    {
      label: t('drives.factParent'),
      value: parent ? <PathText value={displayName(parent)} /> : mono(subvolume.parentUuid),
    },
    { label: t('drives.factId'), value: String(subvolume.subvolumeId) },
    {
      label: t('drives.factGeneration'),
      value: t('drives.generations', {
        now: subvolume.generation,
        changed: subvolume.ctransid,
        made: subvolume.otransid,
      }),
    },
    { label: t('drives.factUuid'), value: mono(subvolume.uuid) },
    { label: t('drives.factReceived'), value: mono(subvolume.receivedUuid) },
  ];
}

interface CreateDialogProps {
  readonly subvolume: Subvolume;
  readonly onClose: () => void;
}

function CreateDialog({ subvolume, onClose }: CreateDialogProps): ReactElement {
  const create = useAct('snapshots.create', STALE);
  const announce = useAnnounce();
  const [name, setName] = useState('');
  const { volumeId, subvolumeId } = subvolume;
  const begin = (): void =>
    create.mutate(
      { volumeId, subvolumeId, ...(name === '' ? {} : { name }) },
      {
        onSuccess: (made) => {
          announce(t('drives.created', { name: displayName(made) }));
          onClose();
        },
      },
    );
  return (
    <Dialog onClose={onClose} title={t('drives.createTitle', { name: displayName(subvolume) })}>
      <Stack>
        <TextInput
          label={t('drives.createName')}
          description={t('drives.createHelp')}
          value={name}
          maxLength={255}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        {create.error && <ErrorNotice error={create.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {t('action.close')}
          </Button>
          <Button onClick={begin} loading={create.isPending}>
            {t('drives.createSnapshot')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

interface DeleteDialogProps extends CreateDialogProps {
  readonly volume: Volume;
  readonly onDeleted: () => void;
}

function DeleteDialog({ volume, subvolume, onClose, onDeleted }: DeleteDialogProps): ReactElement {
  const remove = useAct('snapshots.delete', STALE);
  const announce = useAnnounce();
  const { volumeId, subvolumeId } = subvolume;
  const name = displayName(subvolume);
  const begin = (): void =>
    remove.mutate(
      { volumeId, subvolumeId },
      {
        onSuccess: () => {
          announce(t('drives.deleted', { name }));
          onDeleted();
        },
      },
    );
  return (
    <Dialog onClose={onClose} title={t('drives.deleteTitle', { name })}>
      <Stack>
        <p className="plain">{t('drives.deleteText', { volume: volume.name })}</p>
        {remove.error && <ErrorNotice error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('drives.deleteKeep')}
          </Button>
          <Button color="cedar" onClick={begin} loading={remove.isPending}>
            {t('drives.deleteConfirm')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
