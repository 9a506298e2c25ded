import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { Volume } from '../../../shared/model/volume.ts';
import { useAsk } from '../../bridge/queries.ts';
import { BarTable } from '../../charts/bar-table.tsx';
import { formatCount, formatSize } from '../../format/size.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { PathText } from '../../parts/path-text.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';

const SHOWN = 25;

/** The space bill of a volume, without quotas: counted when somebody asks. */
export function CostSection({ volume }: { readonly volume: Volume }): ReactElement {
  const [asked, setAsked] = useState(false);
  const bill = useAsk('space.bill', { volumeId: volume.volumeId }, { enabled: asked });
  const costly = [...(bill.data?.subvolumes ?? [])]
    .sort((a, b) => b.exclusiveBytes - a.exclusiveBytes)
    .slice(0, SHOWN);
  return (
    <section aria-label={t('drive.costTitle')}>
      <h3>{t('drive.costTitle')}</h3>
      {!asked && (
        <>
          <p className="quiet">{t('drive.costText')}</p>
          <Button variant="default" size="xs" onClick={() => setAsked(true)}>
            {t('drive.costAction')}
          </Button>
        </>
      )}
      {asked && bill.isPending && <Waiting rows={5} rowPx={28} />}
      {bill.error && <ErrorNotice error={bill.error} onRetry={() => void bill.refetch()} />}
      {bill.data && (
        <BarTable
          caption={t('drive.costCaption', {
            shown: formatCount(costly.length),
            total: formatCount(bill.data.subvolumes.length),
            size: formatSize(bill.data.totalBytes),
          })}
          nameHeader={t('drive.costName')}
          valueHeader={t('drive.costSize')}
          bars={costly.map((one) => ({
            key: String(one.subvolumeId),
            name: one.path === '' ? t('drives.topLevel') : <PathText value={one.path} clip />,
            value: one.exclusiveBytes,
            words: formatSize(one.exclusiveBytes),
          }))}
        />
      )}
    </section>
  );
}
