import { Anchor, Switch, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import type { PlanDraft } from '../../../../shared/model/plan.ts';
import type { Source } from '../../../../shared/model/subvolume.ts';
import { planSentence } from '../../../model/plan-words.ts';
import { sourceNames } from '../../../model/sources.ts';
import { targetName, type Places } from '../../../model/targets.ts';
import { CopyLine } from '../../../parts/copy-line.tsx';
import { LinesField } from '../../../parts/lines-field.tsx';
import { PageHeader } from '../../../parts/page-header.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { t } from '../../../text/index.ts';
import { PlanPreview } from '../preview/plan-preview.tsx';
import { ConditionFields, OptionFields } from './condition-fields.tsx';
import type { Change } from './draft.ts';
import styles from './editor.module.css';
import { planCommands } from './plan-commands.ts';
import { RetentionFields } from './retention-fields.tsx';
import { SaveBar } from './save-bar.tsx';
import { Section } from './section.tsx';
import { SourceList } from './source-list.tsx';
import { TargetList } from './target-list.tsx';
import { TimingList } from './timing-list.tsx';

export interface PlanEditorProps {
  readonly start: PlanDraft;
  /** Null: a new one. */
  readonly planId: string | null;
  /** It stands in the administrator's file: to look at only. */
  readonly isInFile?: boolean;
  readonly sources: readonly Source[];
  readonly places: Places;
  readonly onClose: () => void;
}

/** A plan: its sentence, everything that can be said of it, and beside it what it leads to. */
export function PlanEditor(props: PlanEditorProps): ReactElement {
  const { start, planId, isInFile = false, places, onClose } = props;
  const [draft, setDraft] = useState(start);
  const [before, setBefore] = useState(start);
  const take = (): void => {
    setBefore(start);
    setDraft(start);
  };
  // `start` is read anew when somebody else changes the plan: who has changed nothing sees that.
  const isOvertaken = planId !== null && !isSame(start, before);
  if (isOvertaken && (isSame(draft, before) || isSame(draft, start))) take();
  const title = planId === null ? t('plans.new') : t('planEditor.label', { name: start.name });
  const change: Change = (part) => setDraft((now) => ({ ...now, ...part }));
  return (
    <>
      <PageHeader
        title={title}
        commands={planCommands(start.name, planId)}
        actions={
          <Anchor component={Link} href="/plans">
            {t('planEditor.back')}
          </Anchor>
        }
      />
      <div className={styles.columns}>
        <div className={styles.form} tabIndex={0} role="region" aria-label={title}>
          <div className={styles.inner}>
            {isInFile && <Notice tone="plain">{t('plans.inFile')}</Notice>}
            <p className={styles.words} role="status">
              {sentenceOf(draft, props)}
            </p>
            <fieldset className={styles.bare} disabled={isInFile}>
              <Fields {...props} draft={draft} onChange={change} />
            </fieldset>
          </div>
        </div>
        <div
          className={styles.side}
          tabIndex={0}
          role="region"
          aria-label={t('planEditor.preview')}
        >
          <PlanPreview draft={draft} planId={planId} places={places} />
        </div>
      </div>
      {!isInFile && (
        <SaveBar
          draft={draft}
          planId={planId}
          before={before}
          isChanged={!isSame(draft, before)}
          onTake={isOvertaken ? take : null}
          onDone={onClose}
        />
      )}
    </>
  );
}

function sentenceOf(draft: PlanDraft, { sources, places }: PlanEditorProps): string {
  return planSentence(
    draft,
    sourceNames(draft.sources, sources),
    targetName(draft.targets[0], places) ?? t('plans.driveAway'),
  );
}

interface FieldsProps extends PlanEditorProps {
  readonly draft: PlanDraft;
  readonly onChange: Change;
}

function Fields({ draft, onChange, sources, places }: FieldsProps): ReactElement {
  return (
    <>
      <TextInput
        label={t('planEditor.name')}
        value={draft.name}
        maxLength={200}
        onChange={(event) => onChange({ name: event.currentTarget.value })}
      />
      <Switch
        label={t('planEditor.enabled')}
        checked={draft.enabled}
        onChange={(event) => onChange({ enabled: event.currentTarget.checked })}
      />
      <SourceList draft={draft} sources={sources} onChange={onChange} />
      <TimingList when={draft.when} onChange={onChange} />
      <Section title={t('planEditor.keepHere')}>
        <RetentionFields
          label={t('planEditor.keepHere')}
          keep={draft.keepLocal}
          onChange={(keepLocal) => onChange({ keepLocal })}
        />
        <p className={styles.help}>{t('planEditor.tagged')}</p>
        <CopyLine text="dendro tag POINT REASON" />
      </Section>
      <TargetList draft={draft} places={places} onChange={onChange} />
      <Section title={t('planEditor.excludes')} help={t('planEditor.excludesHelp')}>
        <LinesField
          label={t('planEditor.excludes')}
          hideLabel
          lines={draft.excludes}
          placeholder={t('planEditor.excludesExample')}
          onChange={(excludes) => onChange({ excludes })}
        />
      </Section>
      <ConditionFields draft={draft} onChange={onChange} />
      <OptionFields draft={draft} onChange={onChange} />
    </>
  );
}

/** By what they say: the plan is read anew whenever anything of the page is. */
function isSame(draft: PlanDraft, start: PlanDraft): boolean {
  return JSON.stringify(draft) === JSON.stringify(start);
}
