import { Button, Group } from '@mantine/core';
import type { ReactElement } from 'react';
import { formatSize } from '../../format/size.ts';
import { shortened } from '../../model/short-text.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Notice } from '../../parts/notice.tsx';
import { Shortened } from '../../parts/shortened.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';

interface SendButtonsProps {
  /** Undefined until it has been counted. */
  readonly bytes: number | undefined;
  readonly drive: string;
  readonly error: unknown;
  readonly isBusy: boolean;
  readonly onBegin: () => void;
  readonly onDone: () => void;
}

/** The button that says exactly what will be sent where. */
export function SendButtons(props: SendButtonsProps): ReactElement {
  const { bytes, drive, error, isBusy, onBegin, onDone } = props;
  return (
    <>
      {error !== null && <ErrorNotice error={error} />}
      <Group justify="flex-end" mt="xs">
        <Button variant="default" onClick={onDone}>
          {t('action.close')}
        </Button>
        <Button onClick={onBegin} disabled={bytes === undefined} loading={isBusy}>
          {bytes === undefined ? (
            t('action.backUpNow')
          ) : (
            <Shortened
              whole={t('backup.start', { size: formatSize(bytes), drive })}
              short={t('backup.start', { size: formatSize(bytes), drive: shortened(drive) })}
            />
          )}
        </Button>
      </Group>
    </>
  );
}

interface CountingProps {
  readonly plan: {
    readonly isPending: boolean;
    readonly error: unknown;
    readonly refetch: () => unknown;
  };
}

/** While what there is to send is counted, and when that fails. */
export function Counting({ plan }: CountingProps): ReactElement | null {
  if (plan.isPending)
    return (
      <div>
        <p className="quiet">{t('backup.counting')}</p>
        <Waiting rows={2} rowPx={40} />
      </div>
    );
  return plan.error ? <ErrorNotice error={plan.error} onRetry={() => void plan.refetch()} /> : null;
}

interface RoomProps {
  readonly bytes: number;
  readonly freeBytes: number | null;
  readonly drive: string;
}

/** Whether what would be sent has room at the drive. */
export function Room({ bytes, freeBytes, drive }: RoomProps): ReactElement | null {
  if (freeBytes === null || bytes <= freeBytes) return null;
  return (
    <Notice tone="needs-you">
      {t('backup.noRoom', {
        drive,
        free: formatSize(freeBytes),
        missing: formatSize(bytes - freeBytes),
      })}
    </Notice>
  );
}
