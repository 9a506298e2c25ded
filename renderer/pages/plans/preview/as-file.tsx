import { SegmentedControl } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { PlanDraft } from '../../../../shared/model/plan.ts';
import { useAsk } from '../../../bridge/queries.ts';
import { CopyLine } from '../../../parts/copy-line.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { t } from '../../../text/index.ts';
import styles from './preview.module.css';

type Format = 'toml' | 'yaml';

/** The same plan as text, for a plan file under version control. */
export function AsFile({ draft }: { readonly draft: PlanDraft }): ReactElement {
  const [format, setFormat] = useState<Format>('toml');
  const text = useAsk('plans.export', { plans: [draft], format }, { keep: true });
  return (
    <section className={styles.preview}>
      <div className={styles.head}>
        <h2>{t('planEditor.asFile')}</h2>
        <SegmentedControl
          size="xs"
          aria-label={t('planEditor.asFile')}
          value={format}
          onChange={(value) => setFormat(value === 'yaml' ? 'yaml' : 'toml')}
          data={[
            { value: 'toml', label: t('planEditor.toml') },
            { value: 'yaml', label: t('planEditor.yaml') },
          ]}
        />
      </div>
      {text.error && <ErrorNotice error={text.error} urgent={false} />}
      {text.data && <CopyLine text={text.data.text.trimEnd()} />}
      <p className="quiet">{t('planEditor.fileHelp')}</p>
      <CopyLine text={`dendro plan add plan.${format}`} />
    </section>
  );
}
