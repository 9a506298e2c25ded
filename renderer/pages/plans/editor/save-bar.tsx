import { Button, Group, Stack } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { PlanDraft } from '../../../../shared/model/plan.ts';
import { useAct } from '../../../bridge/queries.ts';
import { Dialog } from '../../../parts/dialog.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { t } from '../../../text/index.ts';
import { isComplete } from './draft.ts';
import styles from './editor.module.css';

const STALE = ['plans.list', 'sources.list'] as const;

interface SaveBarProps {
  readonly draft: PlanDraft;
  readonly planId: string | null;
  /** What the plan was when the edit began. */
  readonly before: PlanDraft;
  readonly isChanged: boolean;
  /** Shows the plan as somebody else has left it meanwhile; null when nobody has changed it. */
  readonly onTake: (() => void) | null;
  readonly onDone: () => void;
}

export function SaveBar(props: SaveBarProps): ReactElement {
  const { draft, planId, before, isChanged, onTake, onDone } = props;
  const create = useAct('plans.create', STALE);
  const update = useAct('plans.update', STALE);
  const [asking, setAsking] = useState(false);
  const error = create.error ?? update.error;
  const isSaving = create.isPending || update.isPending;
  const isOvertaken = onTake !== null && !isSaving;
  const save = (): void => {
    if (planId === null) create.mutate(draft, { onSuccess: onDone });
    else update.mutate({ ...draft, planId, before }, { onSuccess: onDone });
  };
  return (
    <div className={styles.bar}>
      {planId === null ? (
        <span />
      ) : (
        <Button variant="default" c="var(--cedar)" onClick={() => setAsking(true)}>
          {t('planEditor.delete')}
        </Button>
      )}
      {isOvertaken ? (
        <Overtaken onTake={onTake} />
      ) : (
        error && (
          <div className={styles.barNotice}>
            <ErrorNotice error={error} />
          </div>
        )
      )}
      <div className={styles.barEnd}>
        {isChanged && <span className="quiet">{t('planEditor.unsaved')}</span>}
        <Button
          onClick={save}
          disabled={draft.name.trim() === '' || !isComplete(draft) || isOvertaken}
          loading={isSaving}
        >
          {t('planEditor.save')}
        </Button>
      </div>
      {asking && planId !== null && (
        <DeleteDialog
          name={draft.name}
          planId={planId}
          onClose={() => setAsking(false)}
          onDone={onDone}
        />
      )}
    </div>
  );
}

/** Known before anybody saves: what was changed here stays in sight until it is given up. */
function Overtaken({ onTake }: { readonly onTake: () => void }): ReactElement {
  return (
    <div className={styles.barNotice}>
      <Notice
        tone="needs-you"
        urgent
        actions={
          <Button variant="default" size="xs" onClick={onTake}>
            {t('planEditor.take')}
          </Button>
        }
      >
        <strong>{t('planEditor.overtaken')}</strong> {t('planEditor.overtakenText')}
      </Notice>
    </div>
  );
}

interface DeleteDialogProps {
  readonly name: string;
  readonly planId: string;
  readonly onClose: () => void;
  readonly onDone: () => void;
}

function DeleteDialog({ name, planId, onClose, onDone }: DeleteDialogProps): ReactElement {
  const remove = useAct('plans.delete', STALE);
  return (
    <Dialog onClose={onClose} title={t('planEditor.deleteTitle', { name })}>
      <Stack>
        <p className="plain">{t('planEditor.deleteText')}</p>
        {remove.error && <ErrorNotice error={remove.error} />}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            {t('planEditor.deleteKeep')}
          </Button>
          <Button
            color="cedar"
            loading={remove.isPending}
            onClick={() => remove.mutate({ planId }, { onSuccess: onDone })}
          >
            {t('planEditor.delete')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
