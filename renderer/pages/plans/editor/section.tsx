import { CloseButton } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';
import { t } from '../../../text/index.ts';
import styles from './editor.module.css';

interface SectionProps {
  readonly title: string;
  readonly help?: string;
  readonly children: ReactNode;
}

/** A part of the plan, under the word that a sentence would begin with. */
export function Section({ title, help, children }: SectionProps): ReactElement {
  return (
    <fieldset className={styles.section}>
      <legend>{title}</legend>
      {help && <p className={styles.help}>{help}</p>}
      {children}
    </fieldset>
  );
}

interface RowProps {
  /** What the row holds, for those who hear that it can be taken out. */
  readonly what: string;
  readonly onRemove?: (() => void) | undefined;
  readonly children: ReactNode;
}

/** One of several: a time, a subvolume, a place. */
export function Row({ what, onRemove, children }: RowProps): ReactElement {
  return (
    <div className={styles.row}>
      <div className={styles.rowBody}>{children}</div>
      {onRemove && <CloseButton aria-label={t('planEditor.remove', { what })} onClick={onRemove} />}
    </div>
  );
}
