import type { ReactElement, ReactNode } from 'react';
import styles from './settings.module.css';

interface SettingRowProps {
  readonly label: string;
  readonly help: string;
  readonly children: ReactNode;
}

export function SettingRow({ label, help, children }: SettingRowProps): ReactElement {
  return (
    <div className={styles.row}>
      <div>
        <h2 className={styles.label}>{label}</h2>
        <p className={styles.help}>{help}</p>
      </div>
      <div>{children}</div>
    </div>
  );
}
