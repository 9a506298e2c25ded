import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { PlanDraft, PlanSource } from '../../../shared/model/plan.ts';
import { driveOf, type PlanTarget } from '../../../shared/model/plan-target.ts';
import type { Source } from '../../../shared/model/subvolume.ts';
import type { Volume } from '../../../shared/model/volume.ts';
import { useAct } from '../../bridge/queries.ts';
import { planSentence } from '../../model/plan-words.ts';
import { refFromKey, refKey, sourceName } from '../../model/sources.ts';
import { targetName } from '../../model/targets.ts';
import { DetailPane } from '../../parts/detail-pane.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';
import { PlanPreview } from './plan-preview.tsx';
import { keep, RetentionFields } from './retention-fields.tsx';
import { TimingFields } from './timing-fields.tsx';

const STALE = ['plans.list', 'sources.list'] as const;
const NOWHERE = 'nowhere';

interface PlanEditorProps {
  readonly start: PlanDraft;
  readonly planId: string | null;
  readonly sources: readonly Source[];
  readonly volumes: readonly Volume[];
  readonly onClose: () => void;
}

/** A plan's sentence, its editable parts, and what it will lead to. */
export function PlanEditor(props: PlanEditorProps): ReactElement {
  const { start, planId, sources, volumes, onClose } = props;
  const [draft, setDraft] = useState(start);
  const change = (part: Partial<PlanDraft>): void => setDraft((now) => ({ ...now, ...part }));
  const [own] = draft.sources as [PlanSource];
  const [target] = draft.targets;
  const source = sources.find((s) => refKey(s) === refKey(own));
  const targets = volumes.filter((v) => v.canReceive && v.volumeId !== own.volumeId);
  const drive = targetName(target, volumes);
  const words = planSentence(draft, source ? sourceName(source) : '', drive);
  return (
    <DetailPane
      title={planId === null ? t('plans.new') : start.name}
      label={t('plans.editorLabel')}
      onClose={onClose}
      footer={<Buttons draft={draft} planId={planId} onDone={onClose} />}
    >
      <Stack gap="md">
        <p className="plain" role="status">
          {words}
        </p>
        <TextInput
          label={t('plans.name')}
          value={draft.name}
          maxLength={200}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        <Select
          label={t('backup.source')}
          data={sources.map((s) => ({ value: refKey(s), label: sourceName(s) }))}
          value={refKey(own)}
          onChange={(key) => {
            const ref = key === null ? undefined : refFromKey(key);
            if (ref) change({ sources: [{ ...own, ...ref, path: '' }, ...draft.sources.slice(1)] });
          }}
          allowDeselect={false}
        />
        <TimingFields
          timing={draft.when[0] ?? { every: 'hour', minute: 0 }}
          onChange={(timing) => change({ when: [timing, ...draft.when.slice(1)] })}
        />
        <RetentionFields
          label={t('plans.keepLocal')}
          keep={draft.keepLocal}
          onChange={(keepLocal) => change({ keepLocal })}
        />
        <Select
          label={t('plans.target')}
          data={[
            { value: NOWHERE, label: t('plans.noTarget') },
            ...targets.map((v) => ({ value: v.volumeId, label: v.name })),
          ]}
          value={(target && driveOf(target)) ?? NOWHERE}
          onChange={(id) =>
            change({ targets: id === null || id === NOWHERE ? [] : [freshTarget(id)] })
          }
          allowDeselect={false}
        />
        {target && (
          <RetentionFields
            label={t('plans.keepTarget', { drive: drive ?? '' })}
            keep={target.keep}
            onChange={(rule) =>
              change({ targets: [{ ...target, keep: rule }, ...draft.targets.slice(1)] })
            }
          />
        )}
        <PlanPreview draft={draft} />
      </Stack>
    </DetailPane>
  );
}

function freshTarget(volumeId: string): PlanTarget {
  return { kind: 'btrfs', volumeId, folder: '', keep: keep({ daily: 30, monthly: 12 }) };
}

interface ButtonsProps {
  readonly draft: PlanDraft;
  readonly planId: string | null;
  readonly onDone: () => void;
}

function Buttons({ draft, planId, onDone }: ButtonsProps): ReactElement {
  const create = useAct('plans.create', STALE);
  const update = useAct('plans.update', STALE);
  const remove = useAct('plans.delete', STALE);
  const error = create.error ?? update.error ?? remove.error;
  const save = (): void => {
    if (planId === null) create.mutate(draft, { onSuccess: onDone });
    else update.mutate({ ...draft, planId }, { onSuccess: onDone });
  };
  return (
    <Stack gap="xs">
      {error && <ErrorNotice error={error} />}
      <Group justify="space-between">
        {planId !== null ? (
          <Button
            variant="default"
            loading={remove.isPending}
            onClick={() => remove.mutate({ planId }, { onSuccess: onDone })}
          >
            {t('plans.delete')}
          </Button>
        ) : (
          <span />
        )}
        <Button
          onClick={save}
          disabled={draft.name.trim() === ''}
          loading={create.isPending || update.isPending}
        >
          {t('plans.save')}
        </Button>
      </Group>
    </Stack>
  );
}
