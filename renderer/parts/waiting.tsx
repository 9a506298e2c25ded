import { Skeleton } from '@mantine/core';
import { useEffect, useState, type ReactElement } from 'react';
import { t } from '../text/index.ts';
import styles from './waiting.module.css';

const PATIENCE_MS = 300;

interface WaitingProps {
  readonly rows?: number;
  readonly rowPx?: number;
  /** Keep a page's margins, where the parent has none. */
  readonly inset?: boolean;
}

/** Room for rows that are on their way: empty at first, grey lines when it takes longer. */
export function Waiting({ rows = 4, rowPx = 48, inset = false }: WaitingProps): ReactElement {
  const late = useLate();
  return (
    <div
      className={styles.rows}
      data-inset={inset || undefined}
      role="status"
      aria-label={late ? t('state.loading') : undefined}
    >
      {Array.from({ length: rows }, (_, i) => (
        <div key={i} className={styles.row} style={{ height: rowPx }}>
          {late && (
            <Skeleton height={Math.min(20, rowPx - 12)} width={`${86 - ((i * 17) % 40)}%`} />
          )}
        </div>
      ))}
    </div>
  );
}

function useLate(): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  return late;
}
