import type { ReactElement, ReactNode } from 'react';
import { useEffect, useRef } from 'react';
import { t } from '../text/index.ts';
import { SameCommand } from './same-command.tsx';
import styles from './page-header.module.css';

// The first page is left alone: the browser's own place in the document is right there.
let isFirst = true;

interface PageHeaderProps {
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
  /** What one would type for the same. */
  readonly commands?: readonly string[];
}

/** A page's name and its one main action. Arriving at a page moves the focus here. */
export function PageHeader({ title, children, actions, commands }: PageHeaderProps): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = t('app.title', { page: title });
    if (!isFirst) heading.current?.focus({ preventScroll: true });
    isFirst = false;
  }, [title]);
  return (
    <header className={styles.header}>
      <div className={styles.words}>
        <h1 ref={heading} tabIndex={-1} className={styles.title}>
          {title}
        </h1>
        {children && <div className={styles.below}>{children}</div>}
      </div>
      <div className={styles.actions}>
        {actions}
        {commands && <SameCommand commands={commands} />}
      </div>
    </header>
  );
}
