import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { PinReport } from '../../../shared/model/pin.ts';
import { useAct, useAsk } from '../../bridge/queries.ts';
import { formatMoment } from '../../format/time.ts';
import { useAnnounce } from '../../parts/announcer.tsx';
import { Notice } from '../../parts/notice.tsx';
import { t } from '../../text/index.ts';
import { Asking } from '../../parts/asking.tsx';

interface PinSectionProps {
  readonly placeId: string;
  readonly placeName: string;
}

/** The points that stay because the next backup to a drive builds on them, and letting them go. */
export function PinSection({ placeId, placeName }: PinSectionProps): ReactElement | null {
  const asked = useAsk('pins.list', {});
  const [asking, setAsking] = useState(false);
  const pins = (asked.data ?? []).filter((pin) => pin.placeId === placeId);
  const overdue = pins.find((pin) => pin.overdue);
  if (pins.length === 0) return null;
  return (
    <section aria-label={t('drive.pinsTitle')}>
      <h3>{t('drive.pinsTitle')}</h3>
      {pins.map((pin) => (
        <p key={`${pin.sourceUuid} ${pin.pointId}`} className="plain">
          {pinWords(pin)}
        </p>
      ))}
      {overdue && (
        <Notice
          tone="needs-you"
          actions={
            <Button variant="default" size="xs" onClick={() => setAsking(true)}>
              {t('drive.pinRelease')}
            </Button>
          }
        >
          {t('drive.pinOverdue', {
            moment: formatMoment({ at: overdue.lastSeenAtMs ?? overdue.sentAtMs, now: Date.now() }),
          })}
        </Notice>
      )}
      {asking && (
        <ReleaseDialog placeId={placeId} placeName={placeName} onClose={() => setAsking(false)} />
      )}
    </section>
  );
}

function pinWords({ pointName, takenAtMs }: PinReport): string {
  if (pointName === null || takenAtMs === null) return t('drive.pinUnknown');
  const moment = formatMoment({ at: takenAtMs, now: Date.now() });
  return t('drive.pin', { point: printable(pointName), moment });
}

interface ReleaseDialogProps extends PinSectionProps {
  readonly onClose: () => void;
}

function ReleaseDialog({ placeId, placeName, onClose }: ReleaseDialogProps): ReactElement {
  const release = useAct('pins.release', ['pins.list']);
  const announce = useAnnounce();
  return (
    <Asking
      title={t('drive.pinTitle', { name: placeName })}
      action={t('drive.pinConfirm')}
      canBegin
      isBusy={release.isPending}
      error={release.error}
      onClose={onClose}
      onBegin={() =>
        release.mutate(
          { placeId },
          {
            onSuccess: ({ released }) => {
              announce(t('drive.pinReleased', { count: released }));
              onClose();
            },
          },
        )
      }
    >
      <p className="plain">{t('drive.pinText')}</p>
    </Asking>
  );
}
