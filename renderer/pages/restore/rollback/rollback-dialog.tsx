import { Button, Checkbox, Group, Stack } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { printable } from '../../../../shared/model/bytes-text.ts';
import type { RollbackPlan } from '../../../../shared/model/rollback.ts';
import type { RestorePoint, SubvolumeRef } from '../../../../shared/model/subvolume.ts';
import { useAct, useAsk } from '../../../bridge/queries.ts';
import { formatMoment } from '../../../format/time.ts';
import { CopyLine } from '../../../parts/copy-line.tsx';
import { Dialog } from '../../../parts/dialog.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { PathText } from '../../../parts/path-text.tsx';
import { Waiting } from '../../../parts/waiting.tsx';
import { joinWords, t } from '../../../text/index.ts';
import styles from './rollback.module.css';
import { RollbackRun } from './rollback-run.tsx';
import { asksForTarget, TargetChoice } from './target-choice.tsx';
import { NotedText } from '../../../parts/noted.tsx';

/** What is to go back, and the moment that it goes back to. */
export interface Rollback {
  readonly name: string;
  readonly point: RestorePoint;
  readonly copy: SubvolumeRef;
}

interface RollbackDialogProps extends Rollback {
  readonly onClose: () => void;
}

/** Each step of going back as a whole, and what to know, before anything is changed. */
export function RollbackDialog({ name, point, copy, onClose }: RollbackDialogProps): ReactElement {
  const [isForced, setForced] = useState(false);
  const [targetId, setTarget] = useState<number>();
  const untold = {
    point: { volumeId: copy.volumeId, subvolumeId: copy.subvolumeId },
    isForced,
  };
  const first = useAsk('rollback.plan', untold, { staleMs: 0 });
  const request = targetId === undefined ? untold : { ...untold, targetId };
  const told = useAsk('rollback.plan', request, { staleMs: 0, enabled: targetId !== undefined });
  const plan = targetId === undefined ? first : told;
  const question = first.error && asksForTarget(first.error) ? first.error : undefined;
  const start = useAct('rollback.start');
  const moment = formatMoment({ at: point.takenAtMs, now: Date.now() });
  const canForce = plan.error?.code === 'kernel-without-modules' || isForced;
  return (
    <Dialog onClose={onClose} size={640} title={t('rollback.title', { name, moment })}>
      {start.data ? (
        <RollbackRun runId={start.data.runId} onClose={onClose} />
      ) : (
        <Stack>
          <p className="plain">
            {t('rollback.text', { name })} {!plan.error && t('rollback.stepsFollow')}
          </p>
          {question && (
            <TargetChoice
              volumeId={copy.volumeId}
              error={question}
              chosen={targetId}
              onChoose={setTarget}
            />
          )}
          {plan.isPending && <Waiting rows={5} rowPx={32} />}
          {plan.error && plan.error !== question && (
            <ErrorNotice error={plan.error} urgent={false} />
          )}
          {plan.data && <Steps plan={plan.data} />}
          {plan.data && <Notes plan={plan.data} />}
          {canForce && (
            <Checkbox
              label={t('rollback.force')}
              checked={isForced}
              onChange={(event) => setForced(event.currentTarget.checked)}
            />
          )}
          {start.error && <ErrorNotice error={start.error} />}
          {plan.data && <CopyLine text={plan.data.commandLine} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('rollback.leave')}
            </Button>
            <Button
              disabled={!plan.data}
              loading={start.isPending}
              onClick={() => start.mutate(request)}
            >
              {t('rollback.go', { moment })}
            </Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}

function Steps({ plan }: { readonly plan: RollbackPlan }): ReactElement {
  return (
    <ol className={styles.steps} aria-label={t('rollback.steps')}>
      {stepsOf(plan).map(({ what, path }) => (
        <li key={what}>
          <span>{what}</span>
          {path !== null && <PathText value={path} />}
        </li>
      ))}
    </ol>
  );
}

/** In the order in which they are done. */
function stepsOf(plan: RollbackPlan): { what: string; path: string | null }[] {
  const nested = plan.nested.map(({ from, to }) => ({
    what: t('rollback.stepNested', { name: printable(from) }),
    path: to,
  }));
  return [
    { what: t('rollback.stepSnapshot'), path: plan.newPath },
    ...(plan.layout === 'named'
      ? [
          { what: t('rollback.stepKeep'), path: plan.keptPath },
          { what: t('rollback.stepPlace'), path: plan.target.path },
        ]
      : []),
    ...nested,
    ...(plan.setsDefault ? [{ what: t('rollback.stepDefault'), path: null }] : []),
    ...(plan.fixesFstab ? [{ what: t('rollback.stepFstab'), path: null }] : []),
    { what: t('rollback.stepCheck'), path: null },
  ];
}

function Notes({ plan }: { readonly plan: RollbackPlan }): ReactElement | null {
  const { notes, mountPoints } = plan;
  if (notes.length === 0 && mountPoints.length === 0) return null;
  const isSaid = notes.some(({ code }) => code === 'old-until-restart');
  return (
    <Notice tone="needs-you">
      <ul className={styles.notes}>
        {notes.map((note) => (
          <li key={note.text}>
            <NotedText note={note} />
          </li>
        ))}
        {mountPoints.length > 0 && !isSaid && (
          <li>{t('rollback.mounted', { places: joinWords(mountPoints.map(printable)) })}</li>
        )}
      </ul>
    </Notice>
  );
}
