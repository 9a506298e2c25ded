import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { ScheduleDraft } from '../../../shared/model/schedule.ts';
import type { Source } from '../../../shared/model/subvolume.ts';
import type { Volume } from '../../../shared/model/volume.ts';
import { useAct } from '../../bridge/queries.ts';
import { planSentence } from '../../model/plan-words.ts';
import { refFromKey, refKey, sourceName } from '../../model/sources.ts';
import { DetailPane } from '../../parts/detail-pane.tsx';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';
import { PlanPreview } from './plan-preview.tsx';
import { RetentionFields } from './retention-fields.tsx';
import { TimingFields } from './timing-fields.tsx';

const STALE = ['schedules.list', 'sources.list'] as const;
const NOWHERE = 'nowhere';

interface PlanEditorProps {
  readonly start: ScheduleDraft;
  readonly scheduleId: string | null;
  readonly sources: readonly Source[];
  readonly volumes: readonly Volume[];
  readonly onClose: () => void;
}

/** A plan's sentence, its editable parts, and what it will lead to. */
export function PlanEditor(props: PlanEditorProps): ReactElement {
  const { start, scheduleId, sources, volumes, onClose } = props;
  const [draft, setDraft] = useState(start);
  const change = (part: Partial<ScheduleDraft>): void => setDraft((now) => ({ ...now, ...part }));
  const source = sources.find((s) => refKey(s) === refKey(draft.source));
  const targets = volumes.filter((v) => v.canReceive && v.volumeId !== draft.source.volumeId);
  const drive = volumes.find((v) => v.volumeId === draft.target?.volumeId)?.name ?? null;
  const words = planSentence(draft, source ? sourceName(source) : '', drive);
  return (
    <DetailPane
      title={scheduleId === null ? t('plans.new') : start.name}
      label={t('plans.editorLabel')}
      onClose={onClose}
      footer={<Buttons draft={draft} scheduleId={scheduleId} onDone={onClose} />}
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
          value={refKey(draft.source)}
          onChange={(key) => {
            const ref = key === null ? undefined : refFromKey(key);
            if (ref) change({ source: ref });
          }}
          allowDeselect={false}
        />
        <TimingFields timing={draft.timing} onChange={(timing) => change({ timing })} />
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
          value={draft.target?.volumeId ?? NOWHERE}
          onChange={(id) =>
            change({ target: id === null || id === NOWHERE ? null : { volumeId: id, folder: '' } })
          }
          allowDeselect={false}
        />
        {draft.target && (
          <RetentionFields
            label={t('plans.keepTarget', { drive: drive ?? '' })}
            keep={draft.keepTarget}
            onChange={(keepTarget) => change({ keepTarget })}
          />
        )}
        <PlanPreview draft={draft} />
      </Stack>
    </DetailPane>
  );
}

interface ButtonsProps {
  readonly draft: ScheduleDraft;
  readonly scheduleId: string | null;
  readonly onDone: () => void;
}

function Buttons({ draft, scheduleId, onDone }: ButtonsProps): ReactElement {
  const create = useAct('schedules.create', STALE);
  const update = useAct('schedules.update', STALE);
  const remove = useAct('schedules.delete', STALE);
  const error = create.error ?? update.error ?? remove.error;
  const save = (): void => {
    if (scheduleId === null) create.mutate(draft, { onSuccess: onDone });
    else update.mutate({ ...draft, scheduleId }, { onSuccess: onDone });
  };
  return (
    <Stack gap="xs">
      {error && <ErrorNotice error={error} />}
      <Group justify="space-between">
        {scheduleId !== null ? (
          <Button
            variant="default"
            loading={remove.isPending}
            onClick={() => remove.mutate({ scheduleId }, { onSuccess: onDone })}
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
