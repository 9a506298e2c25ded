import type { DirectoryEntry } from '../../shared/model/entry.ts';
import { t } from '../text/index.ts';
import { Moment, Size } from './figures.tsx';
import { EntryName } from './folder-grid.tsx';
import type { GridColumn } from './virtual-grid.tsx';

/** A folder as any file manager shows it; rights and owner where there is room. */
export const entryColumns: readonly GridColumn<DirectoryEntry>[] = [
  {
    id: 'name',
    get header() {
      return t('folder.columnName');
    },
    track: 'minmax(0, 1fr)',
    cell: (entry) => <EntryName entry={entry} />,
  },
  {
    id: 'size',
    get header() {
      return t('folder.columnSize');
    },
    track: '88px',
    align: 'end',
    cell: (entry) => entry.type === 'file' && isKnown(entry) && <Size bytes={entry.sizeBytes} />,
  },
  {
    id: 'modified',
    get header() {
      return t('folder.columnModified');
    },
    track: '176px',
    fromPx: 520,
    cell: (entry) => isKnown(entry) && <Moment at={entry.modifiedAtMs} />,
  },
  {
    id: 'mode',
    get header() {
      return t('folder.columnMode');
    },
    track: '104px',
    fromPx: 820,
    cell: (entry) => isKnown(entry) && <code className="figure">{rightsOf(entry.mode)}</code>,
  },
  {
    id: 'owner',
    get header() {
      return t('folder.columnOwner');
    },
    track: '104px',
    fromPx: 940,
    cell: (entry) =>
      isKnown(entry) && <span className="figure">{`${entry.uid}:${entry.gid}`}</span>,
  },
];

/** Of an inode that cannot be read there are a name and a type. */
function isKnown({ problem }: DirectoryEntry): boolean {
  return problem === undefined;
}

const LETTERS = 'rwxrwxrwx';

/** `rwxr-x---`, with s and t as ls(1) writes them. */
export function rightsOf(mode: number): string {
  const letters = [...LETTERS].map((letter, i) => ((mode >> (8 - i)) & 1 ? letter : '-'));
  const special = (bit: number, at: number, letter: string): void => {
    if ((mode & bit) === 0) return;
    letters[at] = letters[at] === 'x' ? letter : letter.toUpperCase();
  };
  special(0o4000, 2, 's');
  special(0o2000, 5, 's');
  special(0o1000, 8, 't');
  return letters.join('');
}
