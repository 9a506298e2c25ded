import type { ReactElement } from 'react';
import { printable } from '../../../../shared/model/bytes-text.ts';
import type { StreamCommand } from '../../../../shared/model/stream.ts';
import { formatCount } from '../../../format/size.ts';
import { formatExactMoment } from '../../../format/time.ts';
import { PathText } from '../../../parts/path-text.tsx';
import type { GridColumn } from '../../../parts/virtual-grid.tsx';
import { t } from '../../../text/index.ts';
import styles from '../streams.module.css';

/** In the stream's own terms, as those who look here know them. */
export const commandColumns: readonly GridColumn<StreamCommand>[] = [
  {
    id: 'index',
    get header() {
      return t('streams.columnIndex');
    },
    track: '80px',
    align: 'end',
    cell: ({ index }) => <span className="figure">{formatCount(index)}</span>,
  },
  {
    id: 'name',
    get header() {
      return t('streams.columnCommand');
    },
    track: '120px',
    cell: ({ name }) => <code>{name}</code>,
  },
  {
    id: 'path',
    get header() {
      return t('find.columnPath');
    },
    track: 'minmax(0, 1fr)',
    cell: ({ path, other }) => <Paths path={path} other={other} />,
  },
  {
    id: 'facts',
    get header() {
      return t('streams.columnFacts');
    },
    track: 'minmax(0, 1fr)',
    fromPx: 640,
    cell: ({ facts }) => {
      const words = facts.map(factWords).join('  ');
      return (
        <code className={styles.exact} title={words}>
          {words}
        </code>
      );
    },
  },
  {
    id: 'offset',
    get header() {
      return t('streams.columnOffset');
    },
    track: '120px',
    align: 'end',
    fromPx: 900,
    cell: ({ offset }) => <span className="figure">{formatCount(offset)}</span>,
  },
];

interface PathsProps {
  readonly path: string;
  readonly other: string | null;
}

function Paths({ path, other }: PathsProps): ReactElement {
  return (
    <span className={styles.paths}>
      <PathText value={path === '' ? '.' : path} clip />
      {other !== null && (
        <>
          <span aria-hidden="true">→</span>
          <PathText value={other} clip />
        </>
      )}
    </span>
  );
}

const OCTAL = new Set(['mode']);

function factWords({ name, value }: StreamCommand['facts'][number]): string {
  if (name === 'modifiedAtMs') return `mtime=${formatExactMoment(Number(value))}`;
  if (typeof value === 'string') return `${name}=${printable(value)}`;
  return `${name}=${OCTAL.has(name) ? value.toString(8) : value}`;
}
