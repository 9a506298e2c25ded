import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { Schedule, ScheduleDraft } from '../../../shared/model/schedule.ts';
import type { Source } from '../../../shared/model/subvolume.ts';
import { useAsk } from '../../bridge/queries.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import { PlanEditor } from './plan-editor.tsx';
import { PlanRow } from './plan-row.tsx';
import styles from './plans.module.css';

type Editing = { readonly draft: ScheduleDraft; readonly scheduleId: string | null };

/** What happens by itself. */
export function PlansPage(): ReactElement {
  const plans = useAsk('schedules.list', {});
  const sources = useAsk('sources.list', {});
  const volumes = useAsk('volumes.list', {});
  const [editing, setEditing] = useState<Editing | null>(null);
  const present = sources.data?.filter((source) => source.present) ?? [];
  const first = present[0];
  const addNew = first && (
    <Button onClick={() => setEditing({ draft: draftFor(first), scheduleId: null })}>
      {t('plans.new')}
    </Button>
  );
  return (
    <>
      <PageHeader title={t('nav.plans')} actions={plans.data && plans.data.length > 0 && addNew} />
      <div className={styles.columns}>
        <Scroll>
          {plans.isPending && <Waiting rows={3} rowPx={80} inset />}
          {plans.error && (
            <ErrorNotice error={plans.error} onRetry={() => void plans.refetch()} inset />
          )}
          {plans.data?.length === 0 && (
            <Empty title={t('plans.none')} action={addNew}>
              {t('plans.noneText')}
            </Empty>
          )}
          {plans.data?.map((plan) => (
            <PlanRow
              key={plan.scheduleId}
              plan={plan}
              sources={sources.data ?? []}
              volumes={volumes.data ?? []}
              onEdit={() => setEditing({ draft: draftOf(plan), scheduleId: plan.scheduleId })}
            />
          ))}
        </Scroll>
        {editing && (
          <PlanEditor
            key={editing.scheduleId ?? 'new'}
            start={editing.draft}
            scheduleId={editing.scheduleId}
            sources={present}
            volumes={volumes.data ?? []}
            onClose={() => setEditing(null)}
          />
        )}
      </div>
    </>
  );
}

function draftFor(source: Source): ScheduleDraft {
  return {
    name: t('plans.newName'),
    enabled: true,
    source: { volumeId: source.volumeId, subvolumeId: source.subvolumeId },
    target: null,
    timing: { every: 'hour', minute: 0 },
    keepLocal: { latest: 1, hourly: 24, daily: 7, weekly: 0, monthly: 0, yearly: 0 },
    keepTarget: { latest: 1, hourly: 0, daily: 30, weekly: 0, monthly: 12, yearly: 0 },
  };
}

function draftOf(plan: Schedule): ScheduleDraft {
  const { name, enabled, source, target, timing, keepLocal, keepTarget } = plan;
  return { name, enabled, source, target, timing, keepLocal, keepTarget };
}
