import { Button, Group, Switch } from '@mantine/core';
import type { ReactElement } from 'react';
import { PlanDraft, type Plan } from '../../../shared/model/plan.ts';
import type { Source } from '../../../shared/model/subvolume.ts';
import type { Volume } from '../../../shared/model/volume.ts';
import { useAct } from '../../bridge/queries.ts';
import { formatMoment } from '../../format/time.ts';
import { planSentence } from '../../model/plan-words.ts';
import { refKey, sourceName } from '../../model/sources.ts';
import { targetName } from '../../model/targets.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';
import styles from './plans.module.css';

interface PlanRowProps {
  readonly plan: Plan;
  readonly sources: readonly Source[];
  readonly volumes: readonly Volume[];
  readonly onEdit: () => void;
}

/** A plan in one sentence, when it ran, when it will. */
export function PlanRow({ plan, sources, volumes, onEdit }: PlanRowProps): ReactElement {
  const run = useAct('plans.run');
  const update = useAct('plans.update', ['plans.list', 'sources.list']);
  const source = sources.find((s) => refKey(s) === refKey(plan.sources[0]!));
  const drive = targetName(plan.targets[0], volumes);
  const now = Date.now();
  const setEnabled = (enabled: boolean): void => {
    update.mutate({ ...PlanDraft.parse(plan), planId: plan.planId, enabled });
  };
  return (
    <article className={styles.plan} aria-label={plan.name}>
      <div className={styles.words}>
        <h2>{plan.name}</h2>
        <p className={styles.sentence}>
          {planSentence(
            plan,
            source ? sourceName(source) : t('plans.sourceAway'),
            drive ?? t('plans.driveAway'),
          )}
        </p>
        <p className={styles.times}>
          {plan.lastRunAtMs === null
            ? t('plans.neverRan')
            : t('plans.lastRan', { moment: formatMoment({ at: plan.lastRunAtMs, now }) })}{' '}
          {plan.nextRunAtMs === null
            ? t('plans.off')
            : t('plans.next', { moment: formatMoment({ at: plan.nextRunAtMs, now }) })}
        </p>
        {(run.error ?? update.error) && <ErrorNotice error={run.error ?? update.error} />}
      </div>
      <Group gap="xs" wrap="nowrap" align="center">
        <Switch
          aria-label={t('plans.enabled', { name: plan.name })}
          checked={plan.enabled}
          onChange={(event) => setEnabled(event.currentTarget.checked)}
        />
        <Button variant="default" size="xs" onClick={onEdit}>
          {t('plans.edit')}
        </Button>
        <Button
          variant="default"
          size="xs"
          loading={run.isPending}
          onClick={() => run.mutate({ planId: plan.planId })}
        >
          {t('plans.runNow')}
        </Button>
      </Group>
    </article>
  );
}
