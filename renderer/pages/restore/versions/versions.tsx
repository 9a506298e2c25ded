import { Button, Group } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import type { FileVersion } from '../../../../shared/model/entry.ts';
import type { CopyRef } from '../../../../shared/model/place.ts';
import { allKeys, useKeys, withKey } from '../../../bridge/keys.ts';
import { useAsk } from '../../../bridge/queries.ts';
import { ArchiveKey } from '../../../parts/archive-key.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Moment, Size } from '../../../parts/figures.tsx';
import { inOneSentence } from '../../../model/meanings.ts';
import { t } from '../../../text/index.ts';
import { DiffDialog } from './diff-dialog.tsx';
import { VersionStrip } from './version-strip.tsx';
import styles from './versions.module.css';

interface VersionsProps {
  readonly at: CopyRef & { readonly path: string };
  readonly name: string;
  readonly takenAtMs: number;
  readonly onMoment: ((pointId: string) => void) | undefined;
}

/** The versions that differ as a strip, the chosen one in words, and what differs in it. */
export function Versions({ at, name, takenAtMs, onMoment }: VersionsProps): ReactElement {
  const keys = useKeys();
  const { volumeId, subvolumeId, path } = at;
  const request = { volumeId, subvolumeId, path, keys: allKeys(keys) };
  const versions = useAsk('file.versions', request, { keep: true });
  const list = distinct((versions.data ?? []).filter(({ problem }) => !problem));
  const here = indexAt(list, takenAtMs);
  const [picked, setPicked] = useState<number | null>(null);
  const [isComparing, setComparing] = useState(false);
  const index = Math.min(picked ?? here, list.length - 1);
  const chosen = list[index];
  const now = list[here];
  const canCompare = chosen?.exists === true && now?.exists === true && chosen !== now;
  return (
    <section aria-labelledby="versions">
      <h3 id="versions" className={styles.heading}>
        {t('versions.title')}
      </h3>
      {versions.error && <ErrorNotice error={versions.error} urgent={false} />}
      {versions.isPending && <p className="quiet">{t('versions.looking')}</p>}
      <NotTold versions={versions.data ?? []} />
      {versions.data && list.length === 0 && <p className="quiet">{t('versions.none')}</p>}
      {chosen && (
        <>
          <VersionStrip
            label={t('versions.strip', { name })}
            versions={list}
            chosen={index}
            here={here}
            onChoose={setPicked}
          />
          <p className={styles.chosen}>
            <Moment at={chosen.takenAtMs} />
            {chosen.exists ? (
              <Size bytes={chosen.sizeBytes} />
            ) : (
              <span>{t('versions.absent')}</span>
            )}
            {chosen === now && <span className={styles.note}>{t('versions.this')}</span>}
          </p>
          {chosen !== now && (
            <Group gap="xs">
              {onMoment && (
                <Button
                  variant="default"
                  size="xs"
                  onClick={() => {
                    setPicked(null);
                    onMoment(chosen.pointId);
                  }}
                >
                  {t('versions.show')}
                </Button>
              )}
              {canCompare && (
                <Button variant="default" size="xs" onClick={() => setComparing(true)}>
                  {t('versions.compare')}
                </Button>
              )}
            </Group>
          )}
        </>
      )}
      {isComparing && chosen && now && (
        <DiffDialog
          name={name}
          sides={[chosen, now]
            .sort((a, b) => a.takenAtMs - b.takenAtMs)
            .map((one) => ({ at: { ...withKey(one, keys), path }, takenAtMs: one.takenAtMs }))}
          onClose={() => setComparing(false)}
        />
      )}
    </section>
  );
}

/** Moments that cannot be looked into now; of encrypted archives with a way to open each. */
function NotTold({ versions }: { readonly versions: readonly FileVersion[] }): ReactElement {
  const isLocked = ({ problem }: FileVersion): boolean => problem?.code === 'archive-encrypted';
  const locked = versions.filter(isLocked);
  const failed = versions.filter((one) => one.problem && !isLocked(one));
  const archives = new Map(locked.map((one) => [one.volumeId, one.volumeName]));
  return (
    <>
      {locked.length > 0 && (
        <p className="quiet">{t('archiveKey.missing', { count: locked.length })}</p>
      )}
      {[...archives].map(([volumeId, name]) => (
        <ArchiveKey key={volumeId} volumeId={volumeId} name={name} />
      ))}
      {failed.length > 0 && (
        <p className="quiet" title={inOneSentence(failed[0]!.problem!)}>
          {t('archiveKey.unreadable', { count: failed.length })}
        </p>
      )}
    </>
  );
}

/** Oldest first; points that hold the same content as the one before are left out. */
function distinct(versions: readonly FileVersion[]): FileVersion[] {
  const oldestFirst = [...versions].reverse();
  return oldestFirst.filter((version, i) => i === 0 || !version.sameAsPrevious);
}

/** The version that a moment shows: the last one that began before it. */
function indexAt(versions: readonly FileVersion[], takenAtMs: number): number {
  return Math.max(
    0,
    versions.findLastIndex((version) => version.takenAtMs <= takenAtMs),
  );
}
