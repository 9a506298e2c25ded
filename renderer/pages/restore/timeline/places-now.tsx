import { IconArchive, IconCloudOff, IconDeviceLaptop, IconServer2 } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { RestorePoint } from '../../../../shared/model/subvolume.ts';
import { isArchive, readableCopy } from '../../../model/sources.ts';
import { t } from '../../../text/index.ts';
import styles from './timeline.module.css';

/** Every place of a moment: which one is read from, which are here too, which are away. */
export function PlacesNow({ point }: { readonly point: RestorePoint }): ReactElement {
  const from = readableCopy(point);
  const { madeBy, tag } = point;
  return (
    <ul className={styles.places} aria-label={t('timeline.places')}>
      {point.copies.map((copy) => {
        const isRead = copy === from;
        const Icon = !copy.present
          ? IconCloudOff
          : copy.place === 'local'
            ? IconDeviceLaptop
            : isArchive(copy.volumeId)
              ? IconArchive
              : IconServer2;
        const state = isRead ? 'read' : copy.present ? 'here' : 'away';
        return (
          <li key={`${copy.volumeId} ${copy.subvolumeId}`} data-state={state}>
            <Icon size={15} stroke={1.7} aria-hidden="true" />
            <bdi>{copy.place === 'local' ? t('place.thisComputer') : copy.volumeName}</bdi>
            <span className={styles.placeState}>{t(`timeline.place.${state}`)}</span>
            {copy.excludes && copy.excludes.length > 0 && (
              <span className={styles.placeState} title={copy.excludes.join('\n')}>
                {t('timeline.without', { count: copy.excludes.length })}
              </span>
            )}
          </li>
        );
      })}
      {madeBy && (
        <li>{t('timeline.madeBy', { tool: t(`tool.${madeBy.tool}`), label: madeBy.label })}</li>
      )}
      {tag !== undefined && <li>{t('timeline.kept', { tag })}</li>}
    </ul>
  );
}
