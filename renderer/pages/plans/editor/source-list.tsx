import { Button, Checkbox, Select } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { PlanDraft, PlanSource } from '../../../../shared/model/plan.ts';
import type { Source } from '../../../../shared/model/subvolume.ts';
import { refFromKey, refKey, sourceName } from '../../../model/sources.ts';
import { t } from '../../../text/index.ts';
import type { Change } from './draft.ts';
import { Row, Section } from './section.tsx';

interface SourceListProps {
  readonly draft: PlanDraft;
  readonly sources: readonly Source[];
  readonly onChange: Change;
}

/** The subvolumes of a plan; one that is away now keeps its place. */
export function SourceList({ draft, sources, onChange }: SourceListProps): ReactElement {
  const taken = new Set(draft.sources.map(refKey));
  const spare = sources.find((source) => !taken.has(refKey(source)));
  const set = (index: number, source: PlanSource): void =>
    onChange({ sources: draft.sources.with(index, source) });
  return (
    <Section title={t('planEditor.what')}>
      {draft.sources.map((own, i) => (
        <Row
          key={refKey(own)}
          what={nameOf(own, sources)}
          onRemove={
            draft.sources.length > 1
              ? () => onChange({ sources: draft.sources.toSpliced(i, 1) })
              : undefined
          }
        >
          <Select
            aria-label={t('planEditor.source')}
            data={choicesFor(own, sources, taken)}
            value={refKey(own)}
            onChange={(key) => {
              const ref = key === null ? undefined : refFromKey(key);
              if (ref) set(i, { ...own, ...ref, path: '' });
            }}
            allowDeselect={false}
          />
          <Checkbox
            label={t('planEditor.nested')}
            checked={own.nested}
            onChange={(event) => set(i, { ...own, nested: event.currentTarget.checked })}
          />
        </Row>
      ))}
      {spare && (
        <div>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden="true" />}
            onClick={() => onChange({ sources: [...draft.sources, planSource(spare)] })}
          >
            {t('planEditor.addSource')}
          </Button>
        </div>
      )}
    </Section>
  );
}

export function planSource({ volumeId, subvolumeId }: Source): PlanSource {
  return { volumeId, subvolumeId, path: '', nested: false };
}

function nameOf(own: PlanSource, sources: readonly Source[]): string {
  const source = sources.find((one) => refKey(one) === refKey(own));
  if (source) return sourceName(source);
  return own.path === '' ? t('plans.sourceAway') : own.path;
}

function choicesFor(
  own: PlanSource,
  sources: readonly Source[],
  taken: ReadonlySet<string>,
): { value: string; label: string }[] {
  const choices = sources
    .filter((source) => refKey(source) === refKey(own) || !taken.has(refKey(source)))
    .map((source) => ({
      value: refKey(source),
      label: t('planEditor.folderOf', { name: sourceName(source), volume: source.volumeName }),
    }));
  if (choices.some(({ value }) => value === refKey(own))) return choices;
  return [{ value: refKey(own), label: nameOf(own, sources) }, ...choices];
}
