import type { ErrorData } from '../../../shared/errors.ts';
import type { ReactElement } from 'react';
import { LOCAL_PART, type Plan, type PlanPart } from '../../../shared/model/plan.ts';
import { targetKey } from '../../../shared/model/plan-target.ts';
import { formatMoment } from '../../format/time.ts';
import { whatHappened } from '../../model/meanings.ts';
import { targetName, type Places } from '../../model/targets.ts';
import { ToneMark } from '../../parts/notice.tsx';
import { t } from '../../text/index.ts';
import styles from './plans.module.css';

interface PlanPartsProps {
  readonly plan: Plan;
  readonly places: Places;
}

/** The parts of a plan that are not in order: what failed, and what is waited for. */
export function PlanParts({ plan, places }: PlanPartsProps): ReactElement | null {
  const noted = plan.enabled
    ? plan.parts.filter((part) => part.waitsFor !== null || part.failures > 0)
    : [];
  if (noted.length === 0) return null;
  return (
    <ul className={styles.parts}>
      {noted.map((part) => (
        <li key={part.key}>
          <ToneMark tone={toneOf(part)} size={16} />
          <span>
            <bdi>{nameOf(part, plan, places)}</bdi>: {wordsOf(part)}{' '}
            {part.failures > 0 && part.error && <WhatHappened error={part.error} />}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** In the page's language where it has a sentence for the code, else as the service says it. */
function WhatHappened({ error }: { readonly error: ErrorData }): ReactElement {
  const { text, isOurs } = whatHappened(error).headline;
  return <span {...(isOurs ? {} : { lang: 'en' })}>{text}</span>;
}

function toneOf(part: PlanPart): 'failed' | 'away' | 'plain' {
  if (part.failures > 0) return 'failed';
  return part.waitsFor === 'drive-away' ? 'away' : 'plain';
}

function nameOf({ key }: PlanPart, plan: Plan, places: Places): string {
  if (key === LOCAL_PART) return t('plans.partLocal');
  const target = plan.targets.find((one) => targetKey(one) === key);
  return targetName(target, places) ?? t('plans.driveAway');
}

const WAITS = [
  'drive-away',
  'source-away',
  'on-battery',
  'metered',
  'presenting',
  'quiet-hours',
  'plan-under-way',
] as const;

function wordsOf({ waitsFor, failures, retryAtMs, lastGoodAtMs }: PlanPart): string {
  const now = Date.now();
  const moment = (at: number): string => formatMoment({ at, now });
  const known = WAITS.find((one) => one === waitsFor);
  return [
    waitsFor !== null &&
      (known ? t(`plans.waits.${known}`) : t('plans.waits.other', { what: waitsFor })),
    failures > 0 && t('plans.failures', { count: failures }),
    retryAtMs !== null && t('plans.retry', { moment: moment(retryAtMs) }),
    failures > 0 && lastGoodAtMs !== null && t('plans.lastGood', { moment: moment(lastGoodAtMs) }),
  ]
    .filter((words) => words !== false && words !== null)
    .join(' ');
}
