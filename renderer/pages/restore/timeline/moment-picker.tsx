import { ActionIcon, SegmentedControl, TextInput, Tooltip } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconTable } from '@tabler/icons-react';
import { useMemo, useState, type ReactElement, type ReactNode } from 'react';
import type { RestorePoint, Source } from '../../../../shared/model/subvolume.ts';
import { CoreSampleSlider } from '../../../charts/core-sample.tsx';
import { formatSize } from '../../../format/size.ts';
import { formatExactMoment, formatMoment } from '../../../format/time.ts';
import { pointSentence } from '../../../model/sentences.ts';
import { sourceName, toSample } from '../../../model/sources.ts';
import { t } from '../../../text/index.ts';
import { PlacesNow } from './places-now.tsx';
import { PointTable } from './point-table.tsx';
import styles from './timeline.module.css';
import { dayOf, indexesIn, indexOnDay, SPANS, stretchOf, type Span } from './zoom.ts';

interface MomentPickerProps {
  readonly source: Source;
  readonly point: RestorePoint;
  readonly onChoose: (pointId: string) => void;
  /** What of the chosen moment is shown below. */
  readonly children: ReactNode;
}

/** The core sample as the choice of a moment, and the chosen one in words. */
export function MomentPicker(props: MomentPickerProps): ReactElement {
  const { source, point, onChoose, children } = props;
  const { points } = source;
  const sample = useMemo(() => toSample(points), [points]);
  // Points come newest first, the sample is drawn oldest first.
  const index = points.length - 1 - points.indexOf(point);
  const choose = (next: number): void => {
    const wanted = points[points.length - 1 - next];
    if (wanted) onChoose(wanted.pointId);
  };
  const [span, setSpan] = useState<Span>('all');
  const { first, last } = indexesIn(sample, stretchOf(span, point.takenAtMs));
  const shown = useMemo(() => sample.slice(first, last + 1), [sample, first, last]);
  const [isTable, setIsTable] = useState(false);
  const words = pointSentence(point, Date.now());
  return (
    <div className={styles.moment}>
      <CoreSampleSlider
        points={shown}
        label={t('restore.momentLabel', { name: sourceName(source) })}
        chosen={index - first}
        onChoose={(next) => choose(first + next)}
        onBeyond={(step) => choose(index + step)}
        valueText={words}
      />
      <div className={styles.controls}>
        <div className={styles.chosen}>
          <Step
            label={t('restore.earlier')}
            disabled={index === 0}
            onClick={() => choose(index - 1)}
          >
            <IconChevronLeft size={18} />
          </Step>
          <p title={formatExactMoment(point.takenAtMs)}>{shortWords(point)}</p>
          <Step
            label={t('restore.later')}
            disabled={index === points.length - 1}
            onClick={() => choose(index + 1)}
          >
            <IconChevronRight size={18} />
          </Step>
          <Step label={t('restore.asTable')} disabled={false} onClick={() => setIsTable(true)}>
            <IconTable size={17} />
          </Step>
        </div>
        <div className={styles.reach}>
          <SegmentedControl
            size="xs"
            aria-label={t('timeline.span')}
            value={span}
            onChange={(value) => setSpan(value as Span)}
            data={SPANS.map((value) => ({ value, label: t(`timeline.${value}`) }))}
          />
          <TextInput
            type="date"
            size="xs"
            aria-label={t('timeline.goTo')}
            value={dayOf(point.takenAtMs)}
            min={dayOf(sample[0]?.at ?? point.takenAtMs)}
            max={dayOf(sample.at(-1)?.at ?? point.takenAtMs)}
            onChange={({ currentTarget: { value } }) =>
              value !== '' && choose(indexOnDay(sample, value))
            }
          />
        </div>
        <div className={styles.view}>{children}</div>
        <PlacesNow point={point} />
      </div>
      {isTable && (
        <PointTable
          source={source}
          point={point}
          onChoose={onChoose}
          onClose={() => setIsTable(false)}
        />
      )}
    </div>
  );
}

/** Without its places, which stand below it. */
function shortWords({ takenAtMs, backup }: RestorePoint): string {
  const moment = formatMoment({ at: takenAtMs, now: Date.now() });
  return backup === null ? moment : t('sample.changed', { moment, size: formatSize(backup.bytes) });
}

interface StepProps {
  readonly label: string;
  readonly disabled: boolean;
  readonly onClick: () => void;
  readonly children: ReactElement;
}

function Step({ label, disabled, onClick, children }: StepProps): ReactElement {
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="default"
        size={28}
        aria-label={label}
        disabled={disabled}
        onClick={onClick}
      >
        {children}
      </ActionIcon>
    </Tooltip>
  );
}
