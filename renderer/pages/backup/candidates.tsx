import { Radio, Stack } from '@mantine/core';
import type { ReactElement } from 'react';
import type { BackupPlan, PlanCandidate } from '../../../shared/model/backup.ts';
import { formatCount } from '../../format/size.ts';
import { formatMoment } from '../../format/time.ts';
import { Size } from '../../parts/figures.tsx';
import { t } from '../../text/index.ts';
import styles from './candidates.module.css';
import { NotedText } from '../../parts/noted.tsx';

const SHOWN = 4;

interface CandidatesProps {
  readonly plan: BackupPlan;
  readonly chosen: number;
  readonly onChoose: (index: number) => void;
}

/** Each way to send with its exact size: from a common parent, smallest first, and in full. */
export function Candidates({ plan, chosen, onChoose }: CandidatesProps): ReactElement {
  const { candidates, notes } = plan;
  const last = candidates.length - 1;
  const shown = candidates
    .map((candidate, index) => ({ candidate, index }))
    .filter(({ index }) => index < SHOWN || index === last);
  return (
    <div>
      <Radio.Group
        label={t('backup.how')}
        value={String(chosen)}
        onChange={(value) => onChoose(Number(value))}
      >
        <Stack gap={4} mt={4}>
          {shown.map(({ candidate, index }) => (
            <div key={index} className={styles.candidate}>
              <Radio
                value={String(index)}
                label={label(candidate)}
                classNames={{ root: styles.radio }}
              />
              <span className={styles.files}>
                {t('backup.files', { count: candidate.files, files: formatCount(candidate.files) })}
              </span>
              <span className={styles.size}>
                <Size bytes={candidate.bytes} />
              </span>
            </div>
          ))}
        </Stack>
      </Radio.Group>
      {notes.length > 0 && (
        <ul className={styles.notes}>
          {notes.map((note) => (
            <li key={note.text}>
              <NotedText note={note} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function label({ parent }: PlanCandidate): string {
  if (!parent) return t('backup.full');
  return t('backup.since', { moment: formatMoment({ at: parent.createdAtMs, now: Date.now() }) });
}
