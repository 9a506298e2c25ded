import { Button, Group, Switch } from '@mantine/core';
import type { ReactElement } from 'react';
import { PlanDraft, type Plan } from '../../../shared/model/plan.ts';
import type { Source } from '../../../shared/model/subvolume.ts';
import { useAct } from '../../bridge/queries.ts';
import { formatMoment } from '../../format/time.ts';
import { planSentence } from '../../model/plan-words.ts';
import { sourceNames } from '../../model/sources.ts';
import { targetName, type Places } from '../../model/targets.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';
import { PlanParts } from './plan-parts.tsx';
import styles from './plans.module.css';

interface PlanRowProps {
  readonly plan: Plan;
  readonly sources: readonly Source[];
  readonly places: Places;
  readonly onEdit: () => void;
}

/** A plan in one sentence, when it ran, when it will, and what it waits for. */
export function PlanRow({ plan, sources, places, onEdit }: PlanRowProps): ReactElement {
  const run = useAct('plans.run');
  const update = useAct('plans.update', ['plans.list', 'sources.list']);
  const drive = targetName(plan.targets[0], places);
  const setEnabled = (enabled: boolean): void => {
    const before = PlanDraft.parse(plan);
    update.mutate({ ...before, planId: plan.planId, enabled, before });
  };
  const isInFile = plan.origin === 'file';
  return (
    <div role="row" className={styles.plan} aria-label={plan.name}>
      <div role="rowheader" className={styles.words}>
        <h2>
          <bdi>{plan.name}</bdi>
        </h2>
        <p className={styles.sentence}>
          {planSentence(plan, sourceNames(plan.sources, sources), drive ?? t('plans.driveAway'))}
        </p>
        <p className={styles.times}>{timesOf(plan)}</p>
        <PlanParts plan={plan} places={places} />
        {(run.error ?? update.error) && <ErrorNotice error={run.error ?? update.error} />}
      </div>
      <Group gap="xs" wrap="nowrap" align="center" role="presentation">
        <div role="gridcell">
          <Switch
            aria-label={t('plans.enabled', { name: plan.name })}
            checked={plan.enabled}
            disabled={isInFile}
            onChange={(event) => setEnabled(event.currentTarget.checked)}
          />
        </div>
        <div role="gridcell">
          <Button variant="default" size="xs" onClick={onEdit}>
            {t(isInFile ? 'plans.show' : 'plans.edit')}
          </Button>
        </div>
        <div role="gridcell">
          <Button
            variant="default"
            size="xs"
            loading={run.isPending}
            onClick={() => run.mutate({ planId: plan.planId })}
          >
            {t('plans.runNow')}
          </Button>
        </div>
      </Group>
    </div>
  );
}

function timesOf({ enabled, lastRunAtMs, nextRunAtMs }: Plan): string {
  const now = Date.now();
  const last =
    lastRunAtMs === null
      ? t('plans.neverRan')
      : t('plans.lastRan', { moment: formatMoment({ at: lastRunAtMs, now }) });
  if (!enabled) return `${last} ${t('plans.off')}`;
  if (nextRunAtMs === null) return `${last} ${t('plans.noNext')}`;
  return `${last} ${t('plans.next', { moment: formatMoment({ at: nextRunAtMs, now }) })}`;
}
