import { Button, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useLocation } from 'wouter';
import type { PlanTarget } from '../../../shared/model/plan-target.ts';
import { DendroError } from '../../../shared/errors.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { useAsk, useConnection } from '../../bridge/queries.ts';
import { addressPart } from '../../model/address.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { t } from '../../text/index.ts';
import { ArchiveView } from './archive/archive-view.tsx';
import { StreamView } from './stream/stream-view.tsx';
import styles from './streams.module.css';

interface StreamsPageProps {
  readonly kind: string | undefined;
  readonly path: string | undefined;
}

/** Open any stream file or archive: its chain, its commands, its tree, and a way to restore it. */
export function StreamsPage({ kind, path }: StreamsPageProps): ReactElement {
  if (kind === 'archive' && path !== undefined) return <ArchiveView key={path} folder={path} />;
  if (kind === 'file' && path !== undefined) return <StreamView key={path} paths={[path]} />;
  return (
    <>
      <PageHeader
        title={t('nav.streams')}
        commands={['dendro receive --dump -f FILE', 'dendro archive list FOLDER']}
      />
      <Scroll label={t('nav.streams')}>
        <Begin />
      </Scroll>
    </>
  );
}

function Begin(): ReactElement {
  const [path, setPath] = useState('');
  const { open, isBusy, error } = useOpen();
  return (
    <div className={styles.begin}>
      <p className={styles.lead}>{t('streams.lead')}</p>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          void open(path.trim());
        }}
      >
        <TextInput
          label={t('streams.path')}
          description={t('streams.pathHelp')}
          placeholder={t('streams.example')}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
          error={path !== '' && !path.startsWith('/') ? t('streams.absolute') : undefined}
        />
        <Button type="submit" loading={isBusy} disabled={!path.trim().startsWith('/')}>
          {t('streams.open')}
        </Button>
      </form>
      {error !== null && <ErrorNotice error={error} />}
      <KnownArchives onOpen={(folder) => void open(folder)} />
    </div>
  );
}

/** Archives are folders; anything else is taken for a stream file, which says what it is not. */
function useOpen(): {
  readonly isBusy: boolean;
  readonly error: unknown;
  open(path: string): Promise<void>;
} {
  const connection = useConnection();
  const [, navigate] = useLocation();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  return {
    isBusy,
    error,
    async open(path) {
      setBusy(true);
      setError(null);
      try {
        await connection.call('archive.open', { folder: path });
        navigate(`/streams/archive/${addressPart(path)}`);
      } catch (failure) {
        const isNoArchive = failure instanceof DendroError && NO_ARCHIVE.has(failure.code);
        if (isNoArchive) navigate(`/streams/file/${addressPart(path)}`);
        else setError(failure);
      } finally {
        setBusy(false);
      }
    },
  };
}

/** What opening an archive says of something that is none. */
const NO_ARCHIVE = new Set(['no-archive', 'not-found']);

/** Where plans write stream files to, as far as those drives are here. */
function KnownArchives({ onOpen }: { readonly onOpen: (folder: string) => void }): ReactElement {
  const plans = useAsk('plans.list', {});
  const drives = useAsk('drives.list', {});
  const folders = new Set(
    (plans.data ?? [])
      .flatMap(({ targets }) => targets)
      .flatMap((target) => folderOf(target, drives.data ?? [])),
  );
  if (folders.size === 0) return <></>;
  return (
    <section>
      <h2>{t('streams.known')}</h2>
      <ul className={styles.known}>
        {[...folders].map((folder) => (
          <li key={folder}>
            <button type="button" onClick={() => onOpen(folder)}>
              <bdi>{printable(folder)}</bdi>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function folderOf(
  target: PlanTarget,
  drives: readonly { readonly driveId: string; readonly mounts: readonly string[] }[],
): string[] {
  if (target.kind !== 'archive') return [];
  const mount = drives.find(({ driveId }) => driveId === target.driveId)?.mounts[0];
  if (mount === undefined) return [];
  return [target.folder === '' ? mount : `${mount.replace(/\/$/, '')}/${target.folder}`];
}
