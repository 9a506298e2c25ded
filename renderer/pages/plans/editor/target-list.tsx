import { Button, Select } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { PlanDraft } from '../../../../shared/model/plan.ts';
import type { PlanTarget } from '../../../../shared/model/plan-target.ts';
import { archiveChoices, btrfsChoices, targetName, type Places } from '../../../model/targets.ts';
import { t } from '../../../text/index.ts';
import type { Change } from './draft.ts';
import styles from './editor.module.css';
import { keep, RetentionFields } from './retention-fields.tsx';
import { Row, Section } from './section.tsx';
import { TargetFields } from './target-fields.tsx';

const KINDS = ['btrfs', 'archive', 'ssh'] as const;
const MOST = 20;

interface TargetListProps {
  readonly draft: PlanDraft;
  readonly places: Places;
  readonly onChange: Change;
}

/** Where a plan sends to, each place with its own rules. */
export function TargetList({ draft, places, onChange }: TargetListProps): ReactElement {
  const { targets } = draft;
  const own = new Set(draft.sources.map((source) => source.volumeId));
  const set = (index: number, target: PlanTarget): void =>
    onChange({ targets: targets.with(index, target) });
  return (
    <Section
      title={t('planEditor.where')}
      {...(targets.length > 1 ? { help: t('planEditor.several') } : {})}
    >
      {targets.length === 0 && <p className="plain">{t('planEditor.noTarget')}</p>}
      {targets.map((target, i) => (
        <div key={i} className={styles.place}>
          <Row
            what={targetName(target, places) ?? t('plans.driveAway')}
            onRemove={() => onChange({ targets: targets.toSpliced(i, 1) })}
          >
            <Select
              label={t('planEditor.targetKind')}
              data={KINDS.map((kind) => ({
                value: kind,
                label: t(`planEditor.targetKinds.${kind}`),
              }))}
              value={target.kind}
              onChange={(kind) => kind && set(i, fresh(kind, places, own))}
              allowDeselect={false}
            />
            <TargetFields
              key={target.kind}
              target={target}
              places={places}
              own={own}
              onChange={(next) => set(i, next)}
            />
            <RetentionFields
              label={t('planEditor.keepThere')}
              keep={target.keep}
              onChange={(rules) => set(i, { ...target, keep: rules })}
            />
          </Row>
        </div>
      ))}
      {targets.length < MOST && (
        <div>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden="true" />}
            onClick={() => onChange({ targets: [...targets, added(targets, places, own)] })}
          >
            {t('planEditor.addTarget')}
          </Button>
        </div>
      )}
    </Section>
  );
}

/** A drive that the plan has not got yet, where there is one. */
function added(
  targets: readonly PlanTarget[],
  places: Places,
  own: ReadonlySet<string>,
): PlanTarget {
  const taken = new Set([...own, ...targets.map((t) => (t.kind === 'btrfs' ? t.volumeId : ''))]);
  return fresh('btrfs', places, taken);
}

function fresh(kind: PlanTarget['kind'], places: Places, own: ReadonlySet<string>): PlanTarget {
  const rules = keep({ daily: 30, monthly: 12 });
  switch (kind) {
    case 'btrfs': {
      const volumeId = btrfsChoices(places, own)[0]?.value ?? '';
      return { kind, volumeId, folder: '', keep: rules };
    }
    case 'archive': {
      const driveId = archiveChoices(places)[0]?.value ?? '';
      return { kind, driveId, folder: 'dendro', keep: rules, level: 3, recipients: [] };
    }
    case 'ssh':
      return {
        ...{ kind, url: 'ssh://', keep: rules, configFile: '' },
        ...{ remoteDendro: '', remoteBtrfs: '' },
      };
  }
}
