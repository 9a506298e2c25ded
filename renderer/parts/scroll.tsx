import type { ReactElement, ReactNode } from 'react';
import styles from './scroll.module.css';

/** The part of a page that scrolls; reachable by Tab, so that the keyboard can scroll it. */
export function Scroll({ children, label }: { children: ReactNode; label: string }): ReactElement {
  return (
    <div className={styles.scroll} tabIndex={0} role="region" aria-label={label}>
      {children}
    </div>
  );
}
