import { Select, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { PlanTarget, type TargetOf } from '../../../../shared/model/plan-target.ts';
import {
  archiveChoices,
  btrfsChoices,
  targetName,
  type PlaceChoice,
  type Places,
} from '../../../model/targets.ts';
import { LinesField } from '../../../parts/lines-field.tsx';
import { Whole } from '../../../parts/whole.tsx';
import { t } from '../../../text/index.ts';
import styles from './editor.module.css';

interface FieldsProps<T extends PlanTarget = PlanTarget> {
  readonly target: T;
  readonly places: Places;
  /** Volumes of the sources: no place for their own backup. */
  readonly own: ReadonlySet<string>;
  readonly onChange: (target: PlanTarget) => void;
}

export function TargetFields({ target, ...rest }: FieldsProps): ReactElement {
  switch (target.kind) {
    case 'btrfs':
      return <BtrfsFields target={target} {...rest} />;
    case 'archive':
      return <ArchiveFields target={target} {...rest} />;
    case 'ssh':
      return <SshFields target={target} onChange={rest.onChange} />;
  }
}

function BtrfsFields(props: FieldsProps<TargetOf<'btrfs'>>): ReactElement {
  const { target, places, own, onChange } = props;
  const choices = withCurrent(btrfsChoices(places, own), target.volumeId, target, places);
  return (
    <>
      <div className={styles.pair}>
        <DriveSelect
          choices={choices}
          value={target.volumeId}
          onChange={(volumeId) => onChange({ ...target, volumeId })}
        />
        <Folder value={target.folder} onChange={(folder) => onChange({ ...target, folder })} />
      </div>
      {choices.length === 0 && <p className={styles.help}>{t('planEditor.noDrive')}</p>}
    </>
  );
}

function ArchiveFields(props: FieldsProps<TargetOf<'archive'>>): ReactElement {
  const { target, places, onChange } = props;
  const choices = withCurrent(archiveChoices(places), target.driveId, target, places);
  return (
    <>
      <div className={styles.pair}>
        <DriveSelect
          choices={choices}
          value={target.driveId}
          onChange={(driveId) => onChange({ ...target, driveId })}
        />
        <Folder value={target.folder} onChange={(folder) => onChange({ ...target, folder })} />
      </div>
      {choices.length === 0 && <p className={styles.help}>{t('planEditor.noDrive')}</p>}
      <div className={styles.pair}>
        <Whole
          label={t('planEditor.level')}
          value={target.level}
          min={1}
          max={19}
          onChange={(level) => onChange({ ...target, level })}
        />
      </div>
      <LinesField
        label={t('planEditor.recipients')}
        lines={target.recipients}
        onChange={(recipients) => onChange({ ...target, recipients })}
      />
    </>
  );
}

const SSH_WORDS = ['remoteDendro', 'remoteBtrfs'] as const;

function SshFields({
  target,
  onChange,
}: Pick<FieldsProps<TargetOf<'ssh'>>, 'target' | 'onChange'>): ReactElement {
  const parsed = PlanTarget.safeParse(target);
  const wrong = parsed.success ? [] : parsed.error.issues.map(({ path }) => path[0]);
  return (
    <>
      <TextInput
        label={t('planEditor.url')}
        placeholder={t('planEditor.urlExample')}
        value={target.url}
        onChange={(event) => onChange({ ...target, url: event.currentTarget.value })}
        error={wrong.includes('url') && target.url !== 'ssh://' && t('planEditor.urlWrong')}
        spellCheck={false}
      />
      <TextInput
        label={t('planEditor.configFile')}
        description={t('planEditor.configFileHelp')}
        value={target.configFile}
        onChange={(event) => onChange({ ...target, configFile: event.currentTarget.value })}
        spellCheck={false}
      />
      <div className={styles.pair}>
        {SSH_WORDS.map((name) => (
          <TextInput
            key={name}
            label={t(`planEditor.${name}`)}
            placeholder={name === 'remoteDendro' ? 'dendro' : 'btrfs'}
            value={target[name]}
            onChange={(event) => onChange({ ...target, [name]: event.currentTarget.value })}
            error={wrong.includes(name) && t('planEditor.wordsWrong')}
            spellCheck={false}
          />
        ))}
      </div>
    </>
  );
}

/** A drive that is away and not known any more stays what is chosen. */
function withCurrent(
  choices: PlaceChoice[],
  value: string,
  target: PlanTarget,
  places: Places,
): PlaceChoice[] {
  if (value === '' || choices.some((choice) => choice.value === value)) return choices;
  return [{ value, label: targetName(target, places) ?? t('plans.driveAway') }, ...choices];
}

interface DriveSelectProps {
  readonly choices: PlaceChoice[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function DriveSelect({ choices, value, onChange }: DriveSelectProps): ReactElement {
  return (
    <Select
      label={t('planEditor.drive')}
      data={choices}
      value={value === '' ? null : value}
      onChange={(next) => next !== null && onChange(next)}
      allowDeselect={false}
    />
  );
}

function Folder(props: { value: string; onChange: (value: string) => void }): ReactElement {
  const climbs = props.value.split('/').includes('..');
  return (
    <TextInput
      label={t('planEditor.folder')}
      placeholder={t('planEditor.folderTop')}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
      error={climbs && t('planEditor.folderWrong')}
      spellCheck={false}
    />
  );
}
