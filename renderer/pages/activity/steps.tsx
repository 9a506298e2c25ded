import type { ReactElement } from 'react';
import type { Run, RunStep } from '../../../shared/model/run.ts';
import { formatDuration } from '../../format/time.ts';
import { t } from '../../text/index.ts';
import { NotedText } from '../../parts/noted.tsx';
import styles from './activity.module.css';
import { stepLabel, stepState } from '../../model/step-label.ts';

/** The steps of a run as a waterfall: when each began, how long it took, what it did. */
export function Steps({ run }: { readonly run: Run }): ReactElement | null {
  if (run.steps.length === 0) return null;
  const end = run.endedAtMs ?? Date.now();
  const whole = Math.max(1, end - run.startedAtMs);
  return (
    <section>
      <h3 className={styles.heading}>{t('activity.steps')}</h3>
      <ol className={styles.steps}>
        {run.steps.map((step, i) => (
          <li key={`${i} ${step.name}`} data-state={step.state}>
            <span className={styles.stepName}>{stepLabel(step.name)}</span>
            <span className={styles.stepTime}>{timeWords(step, run)}</span>
            <Span step={step} startMs={run.startedAtMs} wholeMs={whole} endMs={end} />
            {step.detail !== '' && (
              <span className={styles.stepDetail}>
                <NotedText note={step.detail} />
              </span>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

function timeWords(step: RunStep, run: Run): string {
  const state = stepState(step, run);
  if (step.startedAtMs === null) return state;
  const end = run.endedAtMs ?? Date.now();
  const took = formatDuration((step.endedAtMs ?? end) - step.startedAtMs);
  return step.state === 'done' ? took : t('activity.stepTook', { took, state });
}

interface SpanProps {
  readonly step: RunStep;
  readonly startMs: number;
  readonly wholeMs: number;
  readonly endMs: number;
}

function Span({ step, startMs, wholeMs, endMs }: SpanProps): ReactElement | null {
  if (step.startedAtMs === null) return null;
  const left = ((step.startedAtMs - startMs) / wholeMs) * 100;
  const width = (((step.endedAtMs ?? endMs) - step.startedAtMs) / wholeMs) * 100;
  return (
    <span className={`${styles.track} meter`} aria-hidden="true">
      <span
        style={{
          left: `${Math.min(99, left)}%`,
          width: `${Math.max(0.8, Math.min(width, 100 - left))}%`,
        }}
      />
    </span>
  );
}
