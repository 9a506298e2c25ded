import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState, type ReactElement } from 'react';
import type { SubvolumeRef } from '../../../shared/model/subvolume.ts';
import { t } from '../../text/index.ts';
import { Breadcrumbs } from './breadcrumbs.tsx';
import { EntryPane } from './entry-pane.tsx';
import { FolderGrid } from './folder-grid.tsx';
import { SearchResults } from './search-results.tsx';
import styles from './restore.module.css';

interface BrowserProps {
  readonly point: SubvolumeRef;
  readonly takenAtMs: number;
}

/**
 * The chosen point's folders. The place and the selection stay when another moment is chosen,
 * so that one file can be followed through time.
 */
export function Browser({ point, takenAtMs }: BrowserProps): ReactElement {
  const [folder, setFolder] = useState('');
  const [chosen, setChosen] = useState<string | null>(null);
  const [text, setText] = useState('');
  const [sought] = useDebouncedValue(text, 250);
  const go = (path: string): void => {
    setFolder(path);
    setChosen(null);
  };
  return (
    <div className={styles.columns}>
      <section className={styles.folder} aria-label={t('restore.folderLabel')}>
        <div className={styles.bar}>
          <Breadcrumbs path={folder} onGo={go} />
          <TextInput
            className={styles.search}
            size="xs"
            aria-label={t('restore.search')}
            placeholder={t('restore.search')}
            leftSection={<IconSearch size={15} aria-hidden="true" />}
            value={text}
            maxLength={255}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => event.key === 'Escape' && setText('')}
          />
        </div>
        {sought === '' ? (
          <FolderGrid
            key={folder}
            at={{ ...point, path: folder }}
            chosen={chosen}
            onChoose={setChosen}
            onGo={go}
          />
        ) : (
          <SearchResults
            point={point}
            text={sought}
            chosen={chosen}
            onChoose={setChosen}
            onGo={(path) => {
              setText('');
              go(path);
            }}
          />
        )}
      </section>
      {chosen !== null && (
        <EntryPane
          at={{ ...point, path: chosen }}
          takenAtMs={takenAtMs}
          onClose={() => setChosen(null)}
        />
      )}
    </div>
  );
}
