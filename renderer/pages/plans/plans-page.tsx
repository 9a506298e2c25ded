import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { PlanDraft, type Plan } from '../../../shared/model/plan.ts';
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
import { keep } from './retention-fields.tsx';
import styles from './plans.module.css';

type Editing = { readonly draft: PlanDraft; readonly planId: string | null };

/** What happens by itself. */
export function PlansPage(): ReactElement {
  const plans = useAsk('plans.list', {});
  const sources = useAsk('sources.list', {});
  const volumes = useAsk('volumes.list', {});
  const [editing, setEditing] = useState<Editing | null>(null);
  const present = sources.data?.filter((source) => source.present) ?? [];
  const first = present[0];
  const addNew = first && (
    <Button onClick={() => setEditing({ draft: draftFor(first), planId: null })}>
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
              key={plan.planId}
              plan={plan}
              sources={sources.data ?? []}
              volumes={volumes.data ?? []}
              onEdit={() => setEditing({ draft: draftOf(plan), planId: plan.planId })}
            />
          ))}
        </Scroll>
        {editing && (
          <PlanEditor
            key={editing.planId ?? 'new'}
            start={editing.draft}
            planId={editing.planId}
            sources={present}
            volumes={volumes.data ?? []}
            onClose={() => setEditing(null)}
          />
        )}
      </div>
    </>
  );
}

function draftFor(source: Source): PlanDraft {
  return {
    name: t('plans.newName'),
    enabled: true,
    sources: [
      { volumeId: source.volumeId, subvolumeId: source.subvolumeId, path: '', nested: false },
    ],
    when: [{ every: 'hour', minute: 0 }],
    keepLocal: keep({ hourly: 24, daily: 7 }),
    targets: [],
    excludes: [],
    conditions: { onAcPower: false, notMetered: false, notPresenting: false, quietHours: null },
    options: { mountDrive: false, ejectDrive: false, adoptOthers: false },
    awayDays: 90,
  };
}

function draftOf(plan: Plan): PlanDraft {
  return PlanDraft.parse(plan);
}
