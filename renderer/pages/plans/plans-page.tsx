import { Button } from '@mantine/core';
import { useEffect, useRef, useState, type ReactElement, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import { PlanDraft } from '../../../shared/model/plan.ts';
import { useAsk } from '../../bridge/queries.ts';
import { SOURCE_LIST } from '../../bridge/source-list.ts';
import type { Places } from '../../model/targets.ts';
import { Empty } from '../../parts/empty.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { oneStop } from '../../parts/one-stop.ts';
import { PageHeader } from '../../parts/page-header.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import { draftFor } from './editor/draft.ts';
import { PlanEditor } from './editor/plan-editor.tsx';
import { ImportDialog } from './import-dialog.tsx';
import { PlanFileNotice } from './plan-file-notice.tsx';
import { PlanRow } from './plan-row.tsx';

const NEW = 'new';
const COMMANDS = ['dendro plan list', 'dendro plan show'];

/** What happens by itself; with an id, or `new`, the editor of one plan. */
export function PlansPage({ planId }: { readonly planId: string | undefined }): ReactElement {
  const plans = useAsk('plans.list', {});
  const sources = useAsk('sources.list', SOURCE_LIST);
  const volumes = useAsk('volumes.list', {});
  const drives = useAsk('drives.list', {});
  const [, navigate] = useLocation();
  const present = sources.data?.filter((source) => source.present) ?? [];
  const places: Places = { volumes: volumes.data ?? [], drives: drives.data ?? [] };
  // Before that every place would be one that nobody knows: "a drive that is away".
  const areNamed = [sources, volumes, drives].every(({ isPending }) => !isPending);
  const plan = plans.data?.find((one) => one.planId === planId);
  const draft = plan
    ? PlanDraft.parse(plan)
    : planId === NEW && present[0]
      ? draftFor(present[0])
      : null;
  if (draft && planId !== undefined && areNamed && sources.data && volumes.data) {
    return (
      <PlanEditor
        key={planId}
        start={draft}
        planId={plan ? planId : null}
        isInFile={plan?.origin === 'file'}
        sources={present}
        places={places}
        onClose={() => navigate('/plans')}
      />
    );
  }
  return (
    <PlanList
      plans={plans}
      sources={sources.data ?? []}
      canAdd={present.length > 0}
      isSourceless={sources.data !== undefined && present.length === 0}
      places={areNamed ? places : null}
    />
  );
}

interface PlanListProps {
  readonly plans: ReturnType<typeof useAsk<'plans.list'>>;
  readonly sources: Parameters<typeof PlanRow>[0]['sources'];
  readonly canAdd: boolean;
  readonly isSourceless: boolean;
  /** Null: not known yet. */
  readonly places: Places | null;
}

function PlanList({ plans, sources, canAdd, isSourceless, places }: PlanListProps): ReactElement {
  const [, navigate] = useLocation();
  const [importing, setImporting] = useState(false);
  const actions = (
    <>
      <Button variant="default" onClick={() => setImporting(true)}>
        {t('planImport.open')}
      </Button>
      {canAdd && <Button onClick={() => navigate(`/plans/${NEW}`)}>{t('plans.new')}</Button>}
    </>
  );
  const isEmpty = plans.data?.length === 0;
  return (
    <>
      <PageHeader title={t('nav.plans')} actions={!isEmpty && actions} commands={COMMANDS} />
      <Scroll label={t('nav.plans')}>
        <PlanFileNotice />
        {(plans.isPending || (!places && !plans.error)) && <Waiting rows={3} rowPx={80} inset />}
        {plans.error && (
          <ErrorNotice error={plans.error} onRetry={() => void plans.refetch()} inset />
        )}
        {isEmpty && places && (
          <Empty title={t('plans.none')} action={actions}>
            {t(isSourceless ? 'plans.noSource' : 'plans.noneText')}
          </Empty>
        )}
        {places && plans.data && !isEmpty && (
          <PlanGrid>
            {plans.data.map((plan) => (
              <PlanRow
                key={plan.planId}
                plan={plan}
                sources={sources}
                places={places}
                onEdit={() => navigate(`/plans/${plan.planId}`)}
              />
            ))}
          </PlanGrid>
        )}
      </Scroll>
      {importing && <ImportDialog onClose={() => setImporting(false)} />}
    </>
  );
}

/** One stop for Tab, however many plans there are. */
function PlanGrid({ children }: { readonly children: ReactNode }): ReactElement {
  const grid = useRef<HTMLDivElement>(null);
  useEffect(() => oneStop(grid.current!), []);
  return (
    <div ref={grid} role="grid" aria-label={t('nav.plans')}>
      {children}
    </div>
  );
}
