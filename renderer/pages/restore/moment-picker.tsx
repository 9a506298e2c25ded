import { ActionIcon, Tooltip } from '@mantine/core';
import { IconChevronLeft, IconChevronRight, IconTable } from '@tabler/icons-react';
import { useMemo, useState, type ReactElement } from 'react';
import type { RestorePoint, Source } from '../../../shared/model/subvolume.ts';
import { CoreSampleSlider } from '../../charts/core-sample.tsx';
import { formatExactMoment } from '../../format/time.ts';
import { pointSentence } from '../../model/sentences.ts';
import { sourceName, toSample } from '../../model/sources.ts';
import { t } from '../../text/index.ts';
import { PointTable } from './point-table.tsx';
import styles from './restore.module.css';

interface MomentPickerProps {
  readonly source: Source;
  readonly point: RestorePoint;
  readonly onChoose: (pointId: string) => void;
}

/** The core sample as the choice of a moment, and the chosen one in words. */
export function MomentPicker({ source, point, onChoose }: MomentPickerProps): ReactElement {
  const { points } = source;
  const sample = useMemo(() => toSample(points), [points]);
  // Points come newest first, the sample is drawn oldest first.
  const index = points.length - 1 - points.indexOf(point);
  const choose = (next: number): void => {
    const wanted = points[points.length - 1 - next];
    if (wanted) onChoose(wanted.pointId);
  };
  const [isTable, setIsTable] = useState(false);
  const words = pointSentence(point, Date.now());
  return (
    <div className={styles.moment}>
      <CoreSampleSlider
        points={sample}
        label={t('restore.momentLabel', { name: sourceName(source) })}
        chosen={index}
        onChoose={choose}
        valueText={words}
      />
      <div className={styles.chosen}>
        <Step label={t('restore.earlier')} disabled={index === 0} onClick={() => choose(index - 1)}>
          <IconChevronLeft size={18} />
        </Step>
        <p title={formatExactMoment(point.takenAtMs)}>{words}</p>
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
