import { Button, PasswordInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import type { ArchiveContents, ArchivePoint } from '../../../../shared/model/archive.ts';
import { printable } from '../../../../shared/model/bytes-text.ts';
import { useAct, useAsk } from '../../../bridge/queries.ts';
import { formatCount } from '../../../format/size.ts';
import { shellWord } from '../../../model/shell-word.ts';
import { Empty } from '../../../parts/empty.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { PageHeader } from '../../../parts/page-header.tsx';
import { RunRow } from '../../../parts/run-row.tsx';
import { Waiting } from '../../../parts/waiting.tsx';
import { t } from '../../../text/index.ts';
import styles from '../streams.module.css';
import { ArchiveBrowser } from './archive-browser.tsx';
import { ChainTable, type ChainRow } from './chain-table.tsx';
import { NotedText } from '../../../parts/noted.tsx';

/** An archive of stream files: its chains, and what is in each of its points. */
export function ArchiveView({ folder }: { readonly folder: string }): ReactElement {
  const archive = useAsk('archive.open', { folder });
  const verify = useAct('archive.verify');
  const [passphrase, setPassphrase] = useState('');
  const [chosen, setChosen] = useState<ChainRow | null>(null);
  const word = shellWord(folder);
  const isLocked = archive.data?.isEncrypted === true && passphrase === '';
  const secrets = passphrase === '' ? undefined : { passphrase };
  return (
    <>
      <PageHeader
        title={printable(folder.slice(folder.lastIndexOf('/') + 1)) || '/'}
        commands={[
          `dendro archive list ${word}`,
          ...(chosen ? [`dendro archive ls ${word} ${shellWord(chosen.point.name)}`] : []),
          `dendro archive verify ${word}`,
        ]}
        actions={
          <>
            <Button component={Link} href="/streams" variant="default">
              {t('streams.another')}
            </Button>
            <Button
              variant="default"
              loading={verify.isPending}
              disabled={!archive.data || isLocked}
              onClick={() => verify.mutate({ folder, level: 'full', ...(secrets && { secrets }) })}
            >
              {t('archive.verify')}
            </Button>
          </>
        }
      />
      {archive.isPending && <Waiting rows={6} inset />}
      {archive.error && (
        <ErrorNotice error={archive.error} onRetry={() => void archive.refetch()} inset />
      )}
      {verify.error && <ErrorNotice error={verify.error} inset />}
      {verify.data && <Checked runId={verify.data.runId} />}
      {archive.data && <Facts archive={archive.data} />}
      {archive.data?.isEncrypted && <Unlock archive={archive.data} onOpen={setPassphrase} />}
      {archive.data && rowsOf(archive.data).length === 0 && (
        <Empty title={t('archive.empty')}>{t('archive.emptyText')}</Empty>
      )}
      {archive.data && rowsOf(archive.data).length > 0 && (
        <div className={styles.split}>
          <ChainTable rows={rowsOf(archive.data)} chosen={chosen} onChoose={setChosen} />
          {chosen && !isLocked && (
            <ArchiveBrowser
              key={`${chosen.sourceFolder} ${chosen.point.name} ${passphrase}`}
              folder={folder}
              row={chosen}
              secrets={secrets}
            />
          )}
        </div>
      )}
    </>
  );
}

/** Newest first, source by source. */
function rowsOf({ sources }: ArchiveContents): ChainRow[] {
  return sources.flatMap((source) =>
    [...source.points].reverse().map((point: ArchivePoint) => ({
      sourceFolder: source.folder,
      sourceTitle: source.title,
      point,
    })),
  );
}

function Facts({ archive }: { readonly archive: ArchiveContents }): ReactElement {
  const points = archive.sources.reduce((sum, { points: own }) => sum + own.length, 0);
  const unfinished = archive.sources.reduce((sum, one) => sum + one.unfinished.length, 0);
  return (
    <div className={styles.facts}>
      <p className="plain">
        {t('archive.facts', { count: points, points: formatCount(points) })}{' '}
        {archive.isEncrypted && t('archive.encrypted')}{' '}
        {unfinished > 0 && t('archive.unfinished', { count: unfinished })}
      </p>
      {archive.notes.map((note) => (
        <Notice key={note.text} tone="needs-you">
          <NotedText note={note} />
        </Notice>
      ))}
    </div>
  );
}

interface UnlockProps {
  readonly archive: ArchiveContents;
  readonly onOpen: (passphrase: string) => void;
}

/** The passphrase stays in this window; an identity file is for the command line. */
function Unlock({ archive, onOpen }: UnlockProps): ReactElement {
  const [typed, setTyped] = useState('');
  if (!archive.hasPassphrase) {
    return (
      <div className={styles.inset}>
        <Notice tone="needs-you">{t('archive.identity')}</Notice>
      </div>
    );
  }
  return (
    <form
      className={styles.unlock}
      onSubmit={(event) => {
        event.preventDefault();
        onOpen(typed);
      }}
    >
      <PasswordInput
        label={t('archive.passphrase')}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        visibilityToggleButtonProps={{ 'aria-label': t('archive.show') }}
        w={320}
      />
      <Button type="submit" variant="default" disabled={typed === ''}>
        {t('archive.unlock')}
      </Button>
    </form>
  );
}

function Checked({ runId }: { readonly runId: string }): ReactElement {
  const run = useAsk('runs.get', { runId });
  return run.data ? <RunRow run={run.data} /> : <></>;
}
