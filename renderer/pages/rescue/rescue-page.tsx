import { Button, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { useAct, useAsk } from '../../bridge/queries.ts';
import { shellWord } from '../../model/shell-word.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { NotRootNotice } from '../../parts/not-root-notice.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { t } from '../../text/index.ts';
import { DiskChoice } from './disk-choice.tsx';
import { Looking } from './looking.tsx';
import { Recovered } from './recovered.tsx';
import styles from './rescue.module.css';

/** For a bad day: what can be seen on this disk, what can be saved, where to. */
export function RescuePage(): ReactElement {
  const [paths, setPaths] = useState<readonly string[]>([]);
  const recover = useAct('recover.look');
  const search = useAct('rescue.look');
  const info = useAsk('service.info', {});
  const homePath = info.data?.homePath ?? '';
  const named = paths.length > 0 ? paths : ['/dev/…'];
  const commands = [
    `dendro recover ${shellWord(named[0]!)}`,
    ['dendro', 'rescue', ...named].map(shellWord).join(' '),
  ];
  const again = (): void => {
    recover.reset();
    search.reset();
  };
  return (
    <>
      <PageHeader title={t('nav.rescue')} commands={commands} />
      <Scroll label={t('nav.rescue')}>
        <NotRootNotice />
        <div className={styles.page}>
          {!recover.data && (
            <Begin
              onLook={(chosen) => {
                setPaths(chosen);
                recover.mutate({ path: chosen[0]! });
              }}
              isBusy={recover.isPending}
            />
          )}
          {recover.error && <ErrorNotice error={recover.error} />}
          {recover.data && !search.data && (
            <Recovered
              runId={recover.data.runId}
              path={paths[0]!}
              homePath={homePath}
              onSearch={(path) => {
                // A volume of several devices is searched by all of them.
                const devices = paths.includes(path) ? paths : [path];
                setPaths(devices);
                search.mutate({ paths: [...devices] });
              }}
              onAgain={again}
            />
          )}
          {search.error && <ErrorNotice error={search.error} />}
          {search.data && (
            <Looking runId={search.data.runId} paths={paths} homePath={homePath} onAgain={again} />
          )}
        </div>
      </Scroll>
    </>
  );
}

interface BeginProps {
  readonly onLook: (paths: readonly string[]) => void;
  readonly isBusy: boolean;
}

function Begin({ onLook, isBusy }: BeginProps): ReactElement {
  const [path, setPath] = useState('');
  return (
    <>
      <p className={styles.lead}>{t('rescue.calm')}</p>
      <h2 className={styles.question}>{t('rescue.what')}</h2>
      <DiskChoice onChoose={onLook} isBusy={isBusy} />
      <form
        className={styles.path}
        onSubmit={(event) => {
          event.preventDefault();
          onLook([path.trim()]);
        }}
      >
        <TextInput
          size="md"
          label={t('rescue.path')}
          description={t('rescue.pathHelp')}
          placeholder={t('rescue.example')}
          value={path}
          onChange={(event) => setPath(event.currentTarget.value)}
          error={path !== '' && !path.startsWith('/') ? t('rescue.absolute') : undefined}
        />
        <Button type="submit" size="md" loading={isBusy} disabled={!path.trim().startsWith('/')}>
          {t('rescue.look')}
        </Button>
      </form>
    </>
  );
}
