import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { PlanDraft } from '../../../../shared/model/plan.ts';
import { timingWords } from '../../../model/plan-words.ts';
import { CopyLine } from '../../../parts/copy-line.tsx';
import { t } from '../../../text/index.ts';
import type { Change } from './draft.ts';
import styles from './editor.module.css';
import { Row, Section } from './section.tsx';
import { TimingFields } from './timing-fields.tsx';

const MOST = 20;

/** Any of these makes the plan due. */
export function TimingList({
  when,
  onChange,
}: {
  readonly when: PlanDraft['when'];
  readonly onChange: Change;
}): ReactElement {
  return (
    <Section title={t('planEditor.when')}>
      {when.length === 0 && <p className="plain">{t('planEditor.noTiming')}</p>}
      {when.map((timing, i) => (
        <Row
          key={i}
          what={timingWords(timing)}
          onRemove={() => onChange({ when: when.toSpliced(i, 1) })}
        >
          <TimingFields
            timing={timing}
            onChange={(next) => onChange({ when: when.with(i, next) })}
          />
          {timing.every === 'packages' && (
            <>
              <p className={styles.help}>{t('planEditor.hook')}</p>
              <CopyLine text="dendro plan run --before-packages" />
            </>
          )}
        </Row>
      ))}
      {when.length < MOST && (
        <div>
          <Button
            variant="default"
            size="xs"
            leftSection={<IconPlus size={14} aria-hidden="true" />}
            onClick={() => onChange({ when: [...when, { every: 'day', hour: 9, minute: 0 }] })}
          >
            {t('planEditor.addTiming')}
          </Button>
        </div>
      )}
    </Section>
  );
}
