import { CloseButton } from '@mantine/core';
import { useEffect, useRef, type KeyboardEvent, type ReactElement, type ReactNode } from 'react';
import { t } from '../text/index.ts';
import styles from './detail-pane.module.css';

interface DetailPaneProps {
  readonly title: ReactNode;
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
  /** Move the focus into the pane when it opens; off where browsing goes on in the list. */
  readonly takesFocus?: boolean;
}

/** The pane that slides in beside the content. Escape closes it; focus returns to the opener. */
export function DetailPane(props: DetailPaneProps): ReactElement {
  const { title, label, onClose, children, footer, takesFocus = true } = props;
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!takesFocus) return;
    const opener = document.activeElement;
    heading.current?.focus({ preventScroll: true });
    return () => {
      if (opener instanceof HTMLElement && opener.isConnected)
        opener.focus({ preventScroll: true });
    };
  }, [takesFocus]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    event.stopPropagation();
    onClose();
  };
  return (
    <aside className={styles.pane} aria-label={label} onKeyDown={onKeyDown}>
      <div className={styles.head}>
        <h2 ref={heading} tabIndex={-1} className={styles.title}>
          {title}
        </h2>
        <CloseButton aria-label={t('action.closePane')} onClick={onClose} />
      </div>
      <div className={styles.body} tabIndex={0} role="region" aria-label={label}>
        {children}
      </div>
      {footer && <div className={styles.footer}>{footer}</div>}
    </aside>
  );
}
