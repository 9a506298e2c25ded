import {
  IconBox,
  IconFile,
  IconFolder,
  IconLink,
  IconPlug,
  type IconProps,
} from '@tabler/icons-react';
import { useEffect, useRef, useState, type ComponentType, type ReactElement } from 'react';
import { printable } from '../../shared/model/bytes-text.ts';
import type { EntryType } from '../../shared/model/entry.ts';
import type { ErrorData } from '../../shared/errors.ts';
import type { PagedRows } from '../bridge/paged-rows.ts';
import { whatHappened } from '../model/meanings.ts';
import { t } from '../text/index.ts';
import { Empty } from './empty.tsx';
import { ErrorNotice } from './error-notice.tsx';
import { Notice, ToneMark } from './notice.tsx';
import styles from './folder-grid.module.css';
import { beginsWith, newTypedText } from './typed-text.ts';
import { VirtualGrid, type GridColumn } from './virtual-grid.tsx';
import { Waiting } from './waiting.tsx';

interface FolderGridProps<Row extends { readonly name: string }> {
  readonly rows: PagedRows<Row>;
  readonly columns: readonly GridColumn<Row>[];
  /** Path of the folder; '' is the top. */
  readonly path: string;
  /** Path of the chosen entry, null for none. */
  readonly chosen: string | null;
  readonly onChoose: (path: string) => void;
  readonly onGo: (path: string) => void;
  readonly isFolder: (row: Row) => boolean;
  readonly empty: string;
  /** Paths that are marked for an action, where several can be. */
  readonly marked?: ReadonlySet<string>;
  readonly onMark?: (path: string) => void;
}

/** A folder of any length: letters jump, Enter opens, Backspace goes up, Space marks. */
export function FolderGrid<Row extends { readonly name: string }>(
  props: FolderGridProps<Row>,
): ReactElement {
  const { rows, path: folder, chosen, onChoose, onGo, marked, onMark } = props;
  const [typed] = useState(newTypedText);
  /** What a letter looks for; it is given up when the choice falls elsewhere. */
  const sought = useRef<object | null>(null);
  useEffect(() => () => void (sought.current = null), [folder]);
  const found = useCurrent(rows, folder, chosen);
  // The keyboard may go to a row that has not arrived yet: it is chosen when it does.
  const [awaited, setAwaited] = useState<number | null>(null);
  const current = awaited ?? found;
  const arrived = awaited === null ? undefined : rows.row(awaited);
  useEffect(() => {
    if (!arrived) return;
    onChoose(below(folder, arrived.name));
    setAwaited(null);
  }, [arrived, folder, onChoose]);
  if (rows.error) return <ErrorNotice error={rows.error} inset />;
  if (rows.total === undefined) return <Waiting rows={8} rowPx={36} inset />;
  if (rows.total === 0 && !rows.problem) return <Empty title={props.empty} />;
  const pathOf = (index: number): string | undefined => {
    const entry = rows.row(index);
    return entry && below(folder, entry.name);
  };
  const choose = (index: number): void => {
    sought.current = null;
    const path = pathOf(index);
    if (path === undefined) setAwaited(index);
    else onChoose(path);
  };
  const open = (index: number): void => {
    const row = rows.row(index);
    if (row !== undefined && props.isFolder(row)) onGo(below(folder, row.name));
  };
  const mark = (index: number): void => {
    const path = pathOf(index);
    if (path !== undefined) onMark?.(path);
  };
  const grid = (
    <VirtualGrid
      label={t('folder.grid', { count: rows.total })}
      columns={props.columns}
      rowCount={rows.total}
      row={rows.row}
      current={current}
      onCurrent={choose}
      onOpen={open}
      onBack={() => folder !== '' && onGo(above(folder))}
      onType={(letter) => {
        const start = typed(letter);
        const search = (sought.current = {});
        // A second letter begins with the row that the first one found.
        const after = start.length > 1 ? Math.max(-1, current - 1) : current;
        const isWanted = (): boolean => sought.current === search;
        void rows
          .seek(({ name }) => beginsWith(name, start), after, isWanted)
          .then((match) => match !== undefined && isWanted() && choose(match))
          .catch(() => undefined);
      }}
      onRange={rows.setRange}
      {...(onMark && {
        onMark: mark,
        isMarked: (index: number) => marked?.has(pathOf(index) ?? '\0') === true,
        markLabel: (index: number) =>
          t('folder.mark', { name: printable(rows.row(index)?.name ?? '') }),
      })}
    />
  );
  if (rows.problem === undefined) return grid;
  return (
    <>
      <NamesMissing problem={rows.problem} />
      {rows.total > 0 && grid}
    </>
  );
}

/** Of a damaged folder there is what can be read. */
function NamesMissing({ problem }: { readonly problem: ErrorData }): ReactElement {
  const { headline } = whatHappened(problem);
  return (
    <div className={styles.missing}>
      <Notice tone="failed">
        <p>{t('folder.namesMissing')}</p>
        <p {...(headline.isOurs ? {} : { lang: 'en' })}>{headline.text}</p>
      </Notice>
    </div>
  );
}

export function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

export function above(path: string): string {
  return path.split('/').slice(0, -1).join('/');
}

/** Where the chosen entry stands; looked for once a choice, not on every draw. */
function useCurrent<Row extends { readonly name: string }>(
  rows: PagedRows<Row>,
  folder: string,
  chosen: string | null,
): number {
  const last = useRef(-1);
  const isAt = (index: number): boolean => {
    const entry = rows.row(index);
    return entry !== undefined && below(folder, entry.name) === chosen;
  };
  if (chosen === null) return (last.current = -1);
  if (last.current >= 0 && isAt(last.current)) return last.current;
  return (last.current = rows.find(({ name }) => below(folder, name) === chosen, -1) ?? -1);
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

interface EntryNameProps {
  readonly entry: {
    readonly name: string;
    /** Null: not known. */
    readonly type: EntryType | null;
    readonly linkTarget: string | null;
    readonly problem?: unknown;
  };
}

/** A name with what it is; names may be in any script and any bytes. */
export function EntryName({ entry }: EntryNameProps): ReactElement {
  const Icon = icons[entry.type ?? 'file'];
  const name = printable(entry.name);
  return (
    <span className={styles.entry} title={name}>
      <Icon size={17} stroke={1.6} data-folder={entry.type === 'directory' || undefined} />
      <bdi>{name}</bdi>
      {entry.linkTarget !== null && (
        <span className={styles.target}>
          {t('folder.linkTo')} <bdi>{printable(entry.linkTarget)}</bdi>
        </span>
      )}
      {entry.problem !== undefined && (
        <span className={styles.unreadable}>
          <ToneMark tone="failed" size={15} /> {t('folder.unreadable')}
        </span>
      )}
      {entry.type !== null && entry.type !== 'file' && entry.type !== 'symlink' && (
        <span className="visually-hidden">{entryTypeWords(entry.type)}</span>
      )}
    </span>
  );
}

export function entryTypeWords(type: EntryType): string {
  return t(`entryType.${type}`);
}
