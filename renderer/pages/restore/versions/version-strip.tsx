import type { KeyboardEvent, ReactElement } from 'react';
import type { FileVersion } from '../../../../shared/model/entry.ts';
import { formatSize } from '../../../format/size.ts';
import { formatMoment } from '../../../format/time.ts';
import { t } from '../../../text/index.ts';
import styles from './versions.module.css';

interface VersionStripProps {
  readonly label: string;
  /** Oldest first. */
  readonly versions: readonly FileVersion[];
  readonly chosen: number;
  /** The one that the chosen moment shows. */
  readonly here: number;
  readonly onChoose: (index: number) => void;
}

const LEAST_SHARE = 0.18;

/** A bar for each version, as high as it is large; arrows, Home and End move. */
export function VersionStrip(props: VersionStripProps): ReactElement {
  const { label, versions, chosen, here, onChoose } = props;
  const largest = Math.max(1, ...versions.map(({ sizeBytes }) => sizeBytes));
  const onKeyDown = (event: KeyboardEvent): void => {
    const moves: Record<string, number> = {
      ArrowLeft: chosen - 1,
      ArrowDown: chosen - 1,
      ArrowRight: chosen + 1,
      ArrowUp: chosen + 1,
      Home: 0,
      End: versions.length - 1,
    };
    const next = moves[event.key];
    if (next === undefined) return;
    event.preventDefault();
    onChoose(Math.min(versions.length - 1, Math.max(0, next)));
  };
  return (
    <div
      className={styles.strip}
      role="slider"
      tabIndex={0}
      aria-label={label}
      aria-valuemin={1}
      aria-valuemax={versions.length}
      aria-valuenow={chosen + 1}
      aria-valuetext={wordsOf(versions[chosen])}
      onKeyDown={onKeyDown}
    >
      {versions.map((version, i) => (
        <div
          key={version.pointId}
          className={styles.slot}
          title={wordsOf(version)}
          data-chosen={i === chosen || undefined}
          data-here={i === here || undefined}
          onClick={() => onChoose(i)}
        >
          <div
            className={`${styles.bar} chart-mark`}
            data-absent={!version.exists || undefined}
            style={{
              height: `${(LEAST_SHARE + (1 - LEAST_SHARE) * (version.sizeBytes / largest)) * 100}%`,
            }}
          />
        </div>
      ))}
    </div>
  );
}

function wordsOf(version: FileVersion | undefined): string {
  if (!version) return '';
  const moment = formatMoment({ at: version.takenAtMs, now: Date.now() });
  return version.exists
    ? t('versions.words', { moment, size: formatSize(version.sizeBytes) })
    : t('versions.wordsAbsent', { moment });
}
