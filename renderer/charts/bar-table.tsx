import type { ReactElement, ReactNode } from 'react';
import styles from './bar-table.module.css';

export interface Bar {
  readonly key: string;
  readonly name: ReactNode;
  readonly value: number;
  readonly words: string;
}

interface BarTableProps {
  readonly caption: string;
  readonly nameHeader: string;
  readonly valueHeader: string;
  readonly bars: readonly Bar[];
}

/** Quantities beside each other: a table whose numbers are seen as well as read. */
export function BarTable({ caption, nameHeader, valueHeader, bars }: BarTableProps): ReactElement {
  const most = bars.reduce((max, bar) => Math.max(max, bar.value), 0);
  return (
    <table className={styles.table}>
      <caption>{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{nameHeader}</th>
          <th scope="col" className={styles.value}>
            {valueHeader}
          </th>
        </tr>
      </thead>
      <tbody>
        {bars.map((bar) => (
          <tr key={bar.key}>
            <th scope="row">{bar.name}</th>
            <td className={styles.value}>
              <span className={`${styles.track} meter`} aria-hidden="true">
                <span style={{ width: `${most === 0 ? 0 : (bar.value / most) * 100}%` }} />
              </span>
              <span className="figure">{bar.words}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
