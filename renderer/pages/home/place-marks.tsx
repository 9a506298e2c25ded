import { IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { Source } from '../../../shared/model/subvolume.ts';
import { t } from '../../text/index.ts';
import styles from './source-row.module.css';

/** The places of a source, each with the tone of its bands; one that is away is unplugged. */
export function PlaceMarks({ source }: { readonly source: Source }): ReactElement {
  return (
    <ul className={styles.places} aria-label={t('place.label')}>
      {source.places.map((place) => (
        <li key={`${place.place}-${place.volumeId}`} data-away={!place.present || undefined}>
          {place.present ? (
            <span
              className={`${styles.swatch} chart-mark`}
              data-tone={place.place === 'local' ? 'here' : 'both'}
            />
          ) : (
            <IconPlugConnectedX size={15} stroke={1.7} aria-hidden="true" />
          )}
          {place.place === 'local'
            ? t('place.thisComputer')
            : place.present
              ? place.name
              : t('place.driveAway', { name: place.name })}
        </li>
      ))}
    </ul>
  );
}
