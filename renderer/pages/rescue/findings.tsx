import { Button, Checkbox } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { RescueLook } from '../../../shared/model/rescue.ts';
import { Notice } from '../../parts/notice.tsx';
import { t } from '../../text/index.ts';
import { ReachableFiles } from './reachable-files.tsx';
import styles from './rescue.module.css';
import { SaveForm } from './save-form.tsx';
import { toldNote } from '../../model/our-words.ts';

interface FindingsProps {
  readonly runId: string;
  readonly look: RescueLook;
  readonly paths: readonly string[];
  readonly homePath: string;
}

/** What there is, in plain words; then what of it is to be saved. */
export function Findings({ runId, look, paths, homePath }: FindingsProps): ReactElement {
  const { subvolumes, lost, entry } = look;
  // What the rescue takes when nothing else is said: all but snapshots.
  const usual = subvolumes.filter(({ isReadOnly }) => !isReadOnly).map((one) => one.subvolumeId);
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set(usual));
  const [shown, setShown] = useState<number | null>(null);
  if (subvolumes.length === 0) return <Notice tone="failed">{t('rescue.nothing')}</Notice>;
  const toggle = (id: number): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  return (
    <>
      <Notice tone={lost.length === 0 ? 'proven' : 'needs-you'}>
        <p className={styles.verdict}>
          {lost.length === 0
            ? t('rescue.whole', { count: subvolumes.length })
            : t('rescue.partly', { count: subvolumes.length })}
        </p>
        {lost.length > 0 && <p className="plain">{t('rescue.lost', { count: lost.length })}</p>}
        <p className="quiet">{t('rescue.by', { way: toldNote(entry).text })}</p>
      </Notice>
      <h3 className={styles.question}>{t('rescue.choose')}</h3>
      <ul className={styles.subvolumes}>
        {subvolumes.map(({ subvolumeId, path, isReadOnly, isReachable }) => (
          <li key={subvolumeId}>
            <Checkbox
              size="md"
              checked={chosen.has(subvolumeId)}
              onChange={() => toggle(subvolumeId)}
              label={
                <>
                  {path === '' ? (
                    t('rescue.top')
                  ) : (
                    <bdi className={styles.subvolume}>{printable(path)}</bdi>
                  )}{' '}
                  <span className="quiet">
                    {isReadOnly && t('rescue.snapshot')}
                    {!isReachable && t('rescue.unreachable')}
                  </span>
                </>
              }
            />
            <Button variant="default" size="xs" onClick={() => setShown(subvolumeId)}>
              {t('rescue.files')}
            </Button>
          </li>
        ))}
      </ul>
      {shown !== null && (
        <ReachableFiles
          runId={runId}
          subvolumeId={shown}
          name={subvolumes.find((one) => one.subvolumeId === shown)?.path ?? ''}
          onClose={() => setShown(null)}
        />
      )}
      <SaveForm paths={paths} subvolumeIds={[...chosen]} homePath={homePath} />
    </>
  );
}
