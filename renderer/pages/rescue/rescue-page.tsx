import { Button, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { Link, useLocation } from 'wouter';
import { useAct, useAsk, useConnection } from '../../bridge/queries.ts';
import { addressPart } from '../../model/address.ts';
import { shellWord } from '../../model/shell-word.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { NotRootNotice } from '../../parts/not-root-notice.tsx';
import { PageHeader } from '../../parts/page-header.tsx';
import { Scroll } from '../../parts/scroll.tsx';
import { t } from '../../text/index.ts';
import { DiskChoice } from './disk-choice.tsx';
import { Looking } from './looking.tsx';
import styles from './rescue.module.css';

/** For a bad day: what can be seen on this disk, what can be saved, where to. */
export function RescuePage(): ReactElement {
  const [paths, setPaths] = useState<readonly string[]>([]);
  const look = useAct('rescue.look');
  const info = useAsk('service.info', {});
  const commands = [
    ['dendro', 'rescue', ...(paths.length > 0 ? paths : ['/dev/…'])].map(shellWord).join(' '),
  ];
  return (
    <>
      <PageHeader title={t('nav.rescue')} commands={commands} />
      <Scroll label={t('nav.rescue')}>
        <NotRootNotice />
        <div className={styles.page}>
          {look.data ? (
            <Looking
              runId={look.data.runId}
              paths={paths}
              homePath={info.data?.homePath ?? ''}
              onAgain={() => look.reset()}
            />
          ) : (
            <Begin
              onLook={(chosen) => {
                setPaths(chosen);
                look.mutate({ paths: [...chosen] });
              }}
              isBusy={look.isPending}
            />
          )}
          {look.error && <ErrorNotice error={look.error} />}
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
  const open = useOpen(onLook);
  return (
    <>
      <p className={styles.lead}>{t('rescue.calm')}</p>
      <h2 className={styles.question}>{t('rescue.what')}</h2>
      <DiskChoice onChoose={onLook} isBusy={isBusy} />
      <form
        className={styles.path}
        onSubmit={(event) => {
          event.preventDefault();
          void open.begin(path.trim());
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
        <Button
          type="submit"
          size="md"
          loading={isBusy || open.isBusy}
          disabled={!path.trim().startsWith('/')}
        >
          {t('rescue.look')}
        </Button>
      </form>
      <p className="quiet">
        {t('rescue.stream')} <Link href="/streams">{t('rescue.toStreams')}</Link>
      </p>
    </>
  );
}

/** A folder may be an archive of stream files, which has a page of its own. */
function useOpen(onLook: (paths: readonly string[]) => void): {
  readonly isBusy: boolean;
  begin(path: string): Promise<void>;
} {
  const connection = useConnection();
  const [, navigate] = useLocation();
  const [isBusy, setBusy] = useState(false);
  return {
    isBusy,
    async begin(path) {
      setBusy(true);
      try {
        await connection.call('archive.open', { folder: path });
        navigate(`/streams/archive/${addressPart(path)}`);
      } catch {
        // No archive: then it is looked at as a disk, which says what it is not.
        onLook([path]);
      } finally {
        setBusy(false);
      }
    },
  };
}
