import type { ReactElement } from 'react';
import type { Source } from '../../../shared/model/subvolume.ts';
import { useAsk } from '../../bridge/queries.ts';
import { SOURCE_LIST } from '../../bridge/source-list.ts';
import { Lineage } from '../../charts/lineage.tsx';
import { formatCount } from '../../format/size.ts';
import { refKey, sourceName } from '../../model/sources.ts';
import { CopyLine } from '../../parts/copy-line.tsx';
import { ToneMark } from '../../parts/notice.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import styles from './drives.module.css';

/** More would ask the service for the lineage of each of hundreds. */
const MOST = 12;

interface ChainSectionProps {
  readonly placeId: string;
  readonly placeName: string;
}

/** For each source with points on a drive: what builds on what, what comes next, what mends it. */
export function ChainSection({ placeId }: ChainSectionProps): ReactElement | null {
  const sources = useAsk('sources.list', SOURCE_LIST);
  const here = (sources.data ?? [])
    .filter((source) => source.present && source.volumeId !== placeId)
    .filter((source) => source.places.some((place) => place.volumeId === placeId))
    .slice(0, MOST);
  if (here.length === 0) return null;
  return (
    <section aria-label={t('drive.chainTitle')}>
      <h3>{t('drive.chainTitle')}</h3>
      {here.map((source) => (
        <ChainOf key={refKey(source)} source={source} placeId={placeId} />
      ))}
      <p className="quiet">{t('drive.chainLegend')}</p>
    </section>
  );
}

function ChainOf(props: { readonly source: Source; readonly placeId: string }): ReactElement {
  const { source, placeId } = props;
  const { volumeId, subvolumeId } = source;
  const chain = useAsk('chain.get', { source: { volumeId, subvolumeId } });
  if (!chain.data) return <Waiting rows={1} rowPx={64} />;
  const place = chain.data.places.find((one) => one.volumeId === placeId);
  const points = chain.data.points.filter((point) => point.places.includes(placeId));
  const command = chain.data.commands.find((one) => one.volumeId === placeId)?.command;
  const name = sourceName(source);
  return (
    <div className={styles.chain}>
      <Lineage
        chain={chain.data}
        placeId={placeId}
        label={t('drive.chainLabel', {
          name,
          points: formatCount(points.length),
          full: formatCount(points.filter((point) => point.parentPointId === null).length),
        })}
      />
      {place && (
        <p className={styles.chainWords}>
          <ToneMark tone={place.why === 'parent-deleted-here' ? 'needs-you' : 'proven'} size={16} />
          <span>{t(`drive.chain.${place.why}`, { name })}</span>
        </p>
      )}
      {command !== undefined && (
        <>
          <p className="quiet">{t('drive.mend')}</p>
          <CopyLine text={command} />
        </>
      )}
    </div>
  );
}
