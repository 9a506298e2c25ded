import { Button, Collapse } from '@mantine/core';
import { useMemo, useState, type ReactElement } from 'react';
import type { PlanOutlook } from '../../../../shared/model/plan.ts';
import type { RetentionVerdict } from '../../../../shared/model/retention.ts';
import { Moment } from '../../../parts/figures.tsx';
import { VirtualGrid, type GridColumn } from '../../../parts/virtual-grid.tsx';
import { joinWords, t } from '../../../text/index.ts';
import styles from './preview.module.css';

/** One below the other: beside each other one of them is cut off in a window of usual size. */
const columns: readonly GridColumn<RetentionVerdict>[] = [
  {
    id: 'fate',
    get header() {
      return `${t('planEditor.columnMoment')} · ${t('planEditor.columnWhy')}`;
    },
    track: 'minmax(0, 1fr)',
    cell: (row) => (
      <>
        <Moment at={row.takenAtMs} />
        <div className={styles.why} title={fateWords(row)}>
          {fateWords(row)}
        </div>
      </>
    ),
  },
];

/** The picture as a table: each point that stays and each that goes, with the reason. */
export function KeptTable(props: {
  readonly outlook: PlanOutlook;
  readonly ahead: string;
}): ReactElement {
  const { kept, gone } = props.outlook;
  const [open, setOpen] = useState(false);
  const [current, setCurrent] = useState(0);
  const rows = useMemo(
    () => [...kept, ...gone].sort((a, b) => b.takenAtMs - a.takenAtMs),
    [kept, gone],
  );
  return (
    <div>
      <Button
        variant="default"
        size="xs"
        aria-expanded={open}
        onClick={() => setOpen((before) => !before)}
      >
        {t('planEditor.asTable')}
      </Button>
      <Collapse expanded={open}>
        {open && (
          <div className={styles.table}>
            <VirtualGrid
              label={t('planEditor.tableLabel', { ahead: props.ahead })}
              columns={columns}
              rowCount={rows.length}
              row={(index) => rows[index]}
              current={Math.min(current, rows.length - 1)}
              onCurrent={setCurrent}
              rowPx={48}
            />
          </div>
        )}
      </Collapse>
    </div>
  );
}

const REASONS = [
  'latest',
  'hourly',
  'daily',
  'weekly',
  'monthly',
  'yearly',
  'min-age',
  'tagged',
  'parent-of-next',
  'being-sent',
  'in-use',
  'ahead-of-clock',
  'other-plan',
  'no-rule',
  'space',
] as const;

function fateWords({ keep, reasons }: RetentionVerdict): string {
  return t(keep ? 'planEditor.stays' : 'planEditor.goes', { why: reasonWords(reasons) });
}

/** Why a point stays or goes; a reason that this page does not know is shown as it is. */
function reasonWords(reasons: readonly string[]): string {
  return joinWords(
    reasons.map((reason) => {
      const known = REASONS.find((one) => one === reason);
      return known ? t(`planEditor.reason.${known}`) : reason;
    }),
  );
}
