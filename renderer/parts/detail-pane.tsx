import { CloseButton } from '@mantine/core';
import { useEffect, type ReactElement, type ReactNode } from 'react';
import { t } from '../text/index.ts';
import { useFocusReturn } from './focus-return.ts';
import styles from './detail-pane.module.css';

interface DetailPaneProps {
  readonly title: ReactNode;
  readonly label: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
  readonly footer?: ReactNode;
}

/**
 * The pane that slides in beside the content, while browsing goes on in the list. Escape closes it,
 * in the list as well; a focus that was in it returns to the list.
 */
export function DetailPane(props: DetailPaneProps): ReactElement {
  const { title, label, onClose, children, footer } = props;
  useFocusReturn(true, false);
  useEffect(() => {
    // Looked at before anybody acts on the key: what it closes may be gone when it comes here.
    let isOpenOver = false;
    const onFirst = (): void => void (isOpenOver = document.querySelector(OPEN_OVER) !== null);
    const onKey = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape' || event.defaultPrevented) return;
      if (!isOpenOver && !isFromDialog(event)) onClose();
    };
    window.addEventListener('keydown', onFirst, true);
    document.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onFirst, true);
      document.removeEventListener('keydown', onKey);
    };
  }, [onClose]);
  return (
    <aside className={styles.pane} aria-label={label}>
      <div className={styles.head}>
        <h2 className={styles.title}>{title}</h2>
        <CloseButton aria-label={t('action.closePane')} onClick={onClose} />
      </div>
      <div className={styles.body} tabIndex={0} role="region" aria-label={label}>
        {children}
      </div>
      {footer && <div className={styles.footer}>{footer}</div>}
    </aside>
  );
}

/** A dialog, or the choices of a field, over the page: the key closes those. */
const OPEN_OVER = '[role=dialog], [role=combobox][aria-expanded=true]';

/** The path tells of a dialog that another listener has closed by now. */
function isFromDialog(event: Event): boolean {
  return event.composedPath().some((one) => one instanceof Element && one.role === 'dialog');
}
