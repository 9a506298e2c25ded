import type { ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { EntryDetail } from '../../../shared/model/entry.ts';
import type { CopyRef } from '../../../shared/model/place.ts';
import { useAsk } from '../../bridge/queries.ts';
import { DetailPane } from '../../parts/detail-pane.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Facts } from '../../parts/facts.tsx';
import { Moment, Size } from '../../parts/figures.tsx';
import { rightsOf } from '../../parts/folder-columns.tsx';
import { entryTypeWords } from '../../parts/folder-grid.tsx';
import { Notice } from '../../parts/notice.tsx';
import { PathText } from '../../parts/path-text.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import { RestoreAction } from './action/restore-action.tsx';
import { CopyOut } from './copy-out.tsx';
import { Preview } from './preview.tsx';
import { Versions } from './versions/versions.tsx';
import styles from './restore.module.css';

interface EntryPaneProps {
  /** The path '' is the whole point. */
  readonly at: CopyRef & { readonly path: string };
  readonly takenAtMs: number;
  /** Shows another moment, where this is not the page of one. */
  readonly onMoment?: (pointId: string) => void;
  readonly onClose: () => void;
}

/** What the chosen file or folder was at that moment, its other versions, and its way back. */
export function EntryPane({ at, takenAtMs, onMoment, onClose }: EntryPaneProps): ReactElement {
  const detail = useAsk('entry.get', at, { staleMs: Infinity });
  const name = at.path === '' ? t('restore.all') : printable(at.path.split('/').at(-1)!);
  const { volumeId, subvolumeId, secrets } = at;
  const copy = { volumeId, subvolumeId, ...(secrets && { secrets }) };
  const gone = detail.error?.code === 'no-such-path' || detail.error?.code === 'not-found';
  return (
    <DetailPane
      title={<bdi>{name}</bdi>}
      label={t('restore.paneLabel', { name })}
      onClose={onClose}
      footer={
        detail.data && (
          <RestoreAction
            key={`${at.volumeId} ${at.subvolumeId} ${at.path}`}
            point={copy}
            paths={[at.path]}
          />
        )
      }
    >
      {detail.isPending && <Waiting rows={5} rowPx={28} />}
      {detail.error &&
        (gone ? (
          <Notice tone="plain">{t('restore.notThen')}</Notice>
        ) : (
          <ErrorNotice error={detail.error} onRetry={() => void detail.refetch()} />
        ))}
      <div className={styles.sections}>
        {detail.data?.type === 'file' && <Preview at={at} name={name} />}
        {(gone || detail.data?.type === 'file') && (
          <Versions at={at} name={name} takenAtMs={takenAtMs} onMoment={onMoment} />
        )}
        {detail.data && <Details detail={detail.data} />}
        {detail.data?.type === 'file' && (
          <CopyOut
            key={`${volumeId} ${subvolumeId} ${at.path}`}
            at={at}
            name={name}
            sizeBytes={detail.data.sizeBytes}
            modifiedAtMs={detail.data.modifiedAtMs}
          />
        )}
      </div>
    </DetailPane>
  );
}

function Details({ detail }: { readonly detail: EntryDetail }): ReactElement {
  const isFile = detail.type === 'file';
  return (
    <Facts
      facts={[
        { label: t('entry.type'), value: isFile ? null : entryTypeWords(detail.type) },
        { label: t('entry.size'), value: isFile ? <Size bytes={detail.sizeBytes} /> : null },
        { label: t('entry.modified'), value: <Moment at={detail.modifiedAtMs} /> },
        {
          label: t('entry.target'),
          value: detail.linkTarget === null ? null : <PathText value={detail.linkTarget} />,
        },
        { label: t('entry.mode'), value: modeWords(detail) },
        {
          label: t('entry.links'),
          value: isFile && detail.links > 1 ? String(detail.links) : null,
        },
        { label: t('entry.flags'), value: detail.flags.join(', ') },
        { label: t('entry.xattrs'), value: detail.xattrs.map((x) => printable(x.name)).join(', ') },
        {
          label: t('entry.inode'),
          // Stream files know of numbers only what the sender's were.
          value:
            detail.generation === null
              ? null
              : t('entry.inodeText', { inode: detail.inode, generation: detail.generation }),
        },
      ]}
    />
  );
}

function modeWords({ mode, uid, gid }: EntryDetail): string {
  return t('entry.modeText', { mode: rightsOf(mode), uid, gid });
}
