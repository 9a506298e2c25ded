import {
  IconBox,
  IconFile,
  IconFolder,
  IconLink,
  IconPlug,
  type IconProps,
} from '@tabler/icons-react';
import { useEffect, useRef, useState, type ComponentType, type ReactElement } from 'react';
import type { DirectoryEntry, EntryRef, EntryType } from '../../../shared/model/entry.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Moment, Size } from '../../parts/figures.tsx';
import { VirtualGrid, type GridColumn } from '../../parts/virtual-grid.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import styles from './restore.module.css';
import { useDirectory, type Directory } from './use-directory.ts';

interface FolderGridProps {
  readonly at: EntryRef;
  /** Path of the chosen entry, null for none. */
  readonly chosen: string | null;
  readonly onChoose: (path: string) => void;
  readonly onGo: (path: string) => void;
}

export function FolderGrid({ at, chosen, onChoose, onGo }: FolderGridProps): ReactElement {
  const directory = useDirectory(at);
  const typed = useTypedText();
  const found = useCurrent(directory, at.path, chosen);
  // The keyboard may go to a row that has not arrived yet: it is chosen when it does.
  const [awaited, setAwaited] = useState<number | null>(null);
  const current = awaited ?? found;
  const arrived = awaited === null ? undefined : directory.row(awaited);
  useEffect(() => {
    if (!arrived) return;
    onChoose(below(at.path, arrived.name));
    setAwaited(null);
  }, [arrived, at.path, onChoose]);
  if (directory.error) return <ErrorNotice error={directory.error} inset />;
  if (directory.total === undefined) return <Waiting rows={8} rowPx={36} inset />;
  if (directory.total === 0) return <Empty title={t('restore.emptyFolder')} />;
  const pathOf = (index: number): string | undefined => {
    const entry = directory.row(index);
    return entry && below(at.path, entry.name);
  };
  const choose = (index: number): void => {
    const path = pathOf(index);
    if (path === undefined) setAwaited(index);
    else onChoose(path);
  };
  const open = (index: number): void => {
    const path = pathOf(index);
    if (path !== undefined && directory.row(index)?.type === 'directory') onGo(path);
  };
  return (
    <VirtualGrid
      label={t('restore.folderGrid', { count: directory.total })}
      columns={columns}
      rowCount={directory.total}
      row={directory.row}
      current={current}
      onCurrent={choose}
      onOpen={open}
      onBack={() => at.path !== '' && onGo(at.path.split('/').slice(0, -1).join('/'))}
      onType={(letter) => {
        const match = directory.find(typed(letter), current);
        if (match !== undefined) choose(match);
      }}
      onRange={directory.setRange}
    />
  );
}

export function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** Where the chosen entry stands; looked for once a choice, not on every draw. */
function useCurrent(directory: Directory, folder: string, chosen: string | null): number {
  const last = useRef(-1);
  const isAt = (index: number): boolean => {
    const entry = directory.row(index);
    return entry !== undefined && below(folder, entry.name) === chosen;
  };
  if (chosen === null) return (last.current = -1);
  if (last.current >= 0 && isAt(last.current)) return last.current;
  for (let i = 0; i < (directory.total ?? 0); i++) if (isAt(i)) return (last.current = i);
  return (last.current = -1);
}

const FORGET_TYPED_MS = 800;

/** Collects letters typed in quick succession into one beginning of a name. */
function useTypedText(): (letter: string) => string {
  const typed = useRef({ text: '', at: 0 });
  return (letter) => {
    const now = Date.now();
    const text = now - typed.current.at < FORGET_TYPED_MS ? typed.current.text + letter : letter;
    typed.current = { text: text.toLowerCase(), at: now };
    return typed.current.text;
  };
}

const icons: Record<EntryType, ComponentType<IconProps>> = {
  file: IconFile,
  directory: IconFolder,
  symlink: IconLink,
  subvolume: IconBox,
  block: IconPlug,
  character: IconPlug,
  fifo: IconPlug,
  socket: IconPlug,
};

export function EntryName({ entry }: { readonly entry: DirectoryEntry }): ReactElement {
  const Icon = icons[entry.type];
  const name = printable(entry.name);
  return (
    <span className={styles.entry} title={name}>
      <Icon size={17} stroke={1.6} data-folder={entry.type === 'directory' || undefined} />
      <bdi>{name}</bdi>
      {entry.linkTarget !== null && (
        <span className={styles.target}>
          {t('restore.linkTo')} <bdi>{printable(entry.linkTarget)}</bdi>
        </span>
      )}
      {entry.type !== 'file' && entry.type !== 'symlink' && (
        <span className="visually-hidden">{entryTypeWords(entry.type)}</span>
      )}
    </span>
  );
}

export function entryTypeWords(type: EntryType): string {
  return t(`entryType.${type}`);
}

const columns: readonly GridColumn<DirectoryEntry>[] = [
  {
    id: 'name',
    get header() {
      return t('restore.columnName');
    },
    track: 'minmax(0, 1fr)',
    cell: (entry) => <EntryName entry={entry} />,
  },
  {
    id: 'size',
    get header() {
      return t('restore.columnSize');
    },
    track: '88px',
    align: 'end',
    cell: (entry) => (entry.type === 'file' ? <Size bytes={entry.sizeBytes} /> : ''),
  },
  {
    id: 'modified',
    get header() {
      return t('restore.columnModified');
    },
    track: '176px',
    fromPx: 480,
    cell: (entry) => <Moment at={entry.modifiedAtMs} />,
  },
];
