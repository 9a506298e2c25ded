import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCloudOff,
  IconInfoCircle,
  IconCircleX,
} from '@tabler/icons-react';
import type { ReactElement, ReactNode } from 'react';
import type { Tone } from '../model/sentences.ts';
import styles from './notice.module.css';

const icons = {
  proven: IconCircleCheck,
  'needs-you': IconAlertTriangle,
  failed: IconCircleX,
  away: IconCloudOff,
  plain: IconInfoCircle,
} as const satisfies Record<Tone, unknown>;

/** The mark of a meaning: each has its own shape, so that colour is never alone. */
export function ToneMark({ tone, size = 18 }: { tone: Tone; size?: number }): ReactElement {
  const Icon = icons[tone];
  return <Icon size={size} stroke={1.8} className={styles[tone]} aria-hidden="true" />;
}

interface NoticeProps {
  readonly tone: Tone;
  readonly children: ReactNode;
  readonly actions?: ReactNode;
  /** Announce it at once: for failures that just happened. */
  readonly urgent?: boolean;
}

export function Notice({ tone, children, actions, urgent = false }: NoticeProps): ReactElement {
  return (
    <div className={styles.notice} data-tone={tone} role={urgent ? 'alert' : undefined}>
      <ToneMark tone={tone} size={20} />
      <div className={styles.body}>{children}</div>
      {actions && <div className={styles.actions}>{actions}</div>}
    </div>
  );
}
