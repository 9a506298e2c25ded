import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { useAct, useAsk } from '../../../bridge/queries.ts';
import { formatCount } from '../../../format/size.ts';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { t } from '../../../text/index.ts';
import styles from './find.module.css';

/** What is searched; and what is not known yet, with the way to take it in. */
export function CatalogueState({
  isQuiet,
}: {
  /** Say only what is missing. */
  readonly isQuiet: boolean;
}): ReactElement | null {
  const status = useAsk('catalogue.status', {}, { staleMs: 5_000 });
  const update = useAct('catalogue.update', ['catalogue.status', 'catalogue.find']);
  if (!status.data) return null;
  const { versions, points, waiting } = status.data;
  const known = t('find.known', {
    count: points,
    points: formatCount(points),
    versions: formatCount(versions),
  });
  if (waiting === 0 && isQuiet) return null;
  if (waiting === 0) return <p className="note">{known}</p>;
  return (
    <div className={styles.state}>
      <Notice
        tone="needs-you"
        actions={
          <Button
            size="xs"
            variant="default"
            loading={update.isPending}
            onClick={() => update.mutate({})}
          >
            {t('find.takeIn')}
          </Button>
        }
      >
        {t('find.waiting', { count: waiting, number: formatCount(waiting) })} {known}
      </Notice>
      {update.error && <ErrorNotice error={update.error} />}
    </div>
  );
}
