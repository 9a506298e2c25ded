import { PlanDraft } from '../../../../shared/model/plan.ts';
import type { Source } from '../../../../shared/model/subvolume.ts';
import { t } from '../../../text/index.ts';
import { keep } from './retention-fields.tsx';
import { planSource } from './source-list.tsx';

export type Change = (part: Partial<PlanDraft>) => void;

/** What a new plan begins with: good for most, and every word of it can be changed. */
export function draftFor(source: Source): PlanDraft {
  return {
    name: t('plans.newName'),
    enabled: true,
    sources: [planSource(source)],
    when: [{ every: 'hour', minute: 0 }],
    keepLocal: keep({ hourly: 24, daily: 7 }),
    targets: [],
    excludes: [],
    conditions: { onAcPower: false, notMetered: false, notPresenting: false, quietHours: null },
    options: { mountDrive: false, ejectDrive: false, adoptOthers: false },
    awayDays: 90,
  };
}

/** Nothing that the service would refuse for its form. */
export function isComplete(draft: PlanDraft): boolean {
  return PlanDraft.safeParse(draft).success;
}
