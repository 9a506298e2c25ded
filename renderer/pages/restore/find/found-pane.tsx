import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { Link } from 'wouter';
import type { CatalogueEntry } from '../../../../shared/model/catalogue.ts';
import { printable } from '../../../../shared/model/bytes-text.ts';
import { useAsk } from '../../../bridge/queries.ts';
import { SOURCE_LIST } from '../../../bridge/source-list.ts';
import { formatCount } from '../../../format/size.ts';
import { readableCopy, refKey } from '../../../model/sources.ts';
import { useKeys, withKey } from '../../../bridge/keys.ts';
import { ArchiveGate, useIsOpen } from '../../../parts/archive-gate.tsx';
import { DetailPane } from '../../../parts/detail-pane.tsx';
import { Facts } from '../../../parts/facts.tsx';
import { Moment, Size } from '../../../parts/figures.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { PathText } from '../../../parts/path-text.tsx';
import { joinWords, t } from '../../../text/index.ts';
import { RestoreAction } from '../action/restore-action.tsx';
import { momentAddress } from '../../../model/address.ts';
import { Preview } from '../preview.tsx';
import styles from './find.module.css';

interface FoundPaneProps {
  readonly entry: CatalogueEntry;
  readonly onClose: () => void;
}

/** What was found: since when and until when it was there, where it is, and its way back. */
export function FoundPane({ entry, onClose }: FoundPaneProps): ReactElement {
  const sources = useAsk('sources.list', SOURCE_LIST);
  const source = sources.data?.find(({ uuid }) => uuid === entry.sourceUuid);
  const keys = useKeys();
  const copy = readableCopy(entry);
  const name = printable(entry.path.split('/').at(-1)!);
  const isOpen = useIsOpen(copy);
  const ref = copy && withKey(copy, keys);
  return (
    <DetailPane
      title={<bdi>{name}</bdi>}
      label={t('restore.paneLabel', { name })}
      onClose={onClose}
      footer={ref && isOpen && <RestoreAction key={entry.path} point={ref} paths={[entry.path]} />}
    >
      <div className={styles.sections}>
        {!copy && (
          <Notice tone="away">
            {t('find.away', {
              drives: joinWords(entry.copies.map((c) => c.volumeName)),
              count: entry.copies.length,
            })}
          </Notice>
        )}
        {copy && ref && (
          <ArchiveGate copy={copy}>
            {entry.type === 'file' && <Preview at={{ ...ref, path: entry.path }} name={name} />}
          </ArchiveGate>
        )}
        <Facts
          facts={[
            { label: t('find.columnPath'), value: <PathText value={entry.path} /> },
            {
              label: t('entry.size'),
              value: entry.type === 'file' ? <Size bytes={entry.sizeBytes} /> : null,
            },
            { label: t('entry.modified'), value: <Moment at={entry.modifiedAtMs} /> },
            { label: t('find.first'), value: <Moment at={entry.firstPointMs} /> },
            { label: t('find.last'), value: <Moment at={entry.lastPointMs} /> },
            { label: t('find.columnVersions'), value: formatCount(entry.versions) },
          ]}
        />
        {source && (
          <Button
            component={Link}
            href={momentAddress(refKey(source), entry.pointId, entry.path)}
            variant="default"
            size="xs"
            className={styles.show}
          >
            {t('find.show')}
          </Button>
        )}
      </div>
    </DetailPane>
  );
}
