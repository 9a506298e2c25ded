import { CloseButton } from '@mantine/core';
import type { ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { CopyRef } from '../../../shared/model/place.ts';
import { DetailPane } from '../../parts/detail-pane.tsx';
import { PathText } from '../../parts/path-text.tsx';
import { t } from '../../text/index.ts';
import { RestoreAction } from './action/restore-action.tsx';
import styles from './restore.module.css';

interface SelectionPaneProps {
  readonly point: CopyRef;
  readonly paths: ReadonlySet<string>;
  readonly onDrop: (path: string) => void;
  readonly onClose: () => void;
}

/** All that is marked, also in other folders, and its way back together. */
export function SelectionPane({ point, paths, onDrop, onClose }: SelectionPaneProps): ReactElement {
  const list = [...paths].sort();
  const title = t('restore.chosen', { count: list.length });
  return (
    <DetailPane
      title={title}
      label={title}
      onClose={onClose}
      footer={
        <RestoreAction
          key={`${point.volumeId} ${point.subvolumeId} ${list.join('\n')}`}
          point={point}
          paths={list}
        />
      }
    >
      <ul className={styles.selection}>
        {list.map((path) => (
          <li key={path}>
            <PathText value={path} clip />
            <CloseButton
              size="sm"
              aria-label={t('restore.unmark', { name: printable(path) })}
              onClick={() => onDrop(path)}
            />
          </li>
        ))}
      </ul>
    </DetailPane>
  );
}
