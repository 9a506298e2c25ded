import { IconChevronRight, IconPhoto, IconServer2 } from '@tabler/icons-react';
import type { ReactElement } from 'react';
import type { Volume } from '../../../shared/model/volume.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { useAsk } from '../../bridge/queries.ts';
import { formatSize } from '../../format/size.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { ToneMark } from '../../parts/notice.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { inOneSentence } from '../../model/meanings.ts';
import { joinWords, t } from '../../text/index.ts';
import styles from './rescue.module.css';

interface DiskChoiceProps {
  readonly onChoose: (paths: readonly string[]) => void;
  readonly isBusy: boolean;
}

interface Candidate {
  readonly key: string;
  readonly name: string;
  readonly facts: string;
  readonly paths: readonly string[];
  readonly isImage: boolean;
  readonly problem: string | null;
}

/** Disks that are here: those in trouble first, then those that are not in use. */
export function DiskChoice({ onChoose, isBusy }: DiskChoiceProps): ReactElement {
  const volumes = useAsk('volumes.list', {}, { keep: true });
  const drives = useAsk('drives.list', {}, { keep: true });
  if (volumes.isPending) return <Waiting rows={3} rowPx={64} />;
  if (volumes.error) return <ErrorNotice error={volumes.error} />;
  const known = volumes.data.map(ofVolume).filter(({ paths }) => paths.length > 0);
  const taken = new Set(known.flatMap(({ paths }) => paths));
  // A disk that shows no btrfs any more is among the drives.
  const others = (drives.data ?? []).flatMap(({ driveId, name, devicePath, sizeBytes, state }) =>
    devicePath === null || taken.has(devicePath) || state === 'away'
      ? []
      : [
          {
            key: driveId,
            name,
            facts: factsOf([devicePath], sizeBytes),
            paths: [devicePath],
            isImage: false,
            problem: null,
          },
        ],
  );
  const all = [...known, ...others].sort(
    (a, b) => Number(b.problem !== null) - Number(a.problem !== null),
  );
  if (all.length === 0) return <p className="plain">{t('rescue.noDisks')}</p>;
  return (
    <ul className={styles.disks} aria-label={t('rescue.what')}>
      {all.map((disk) => (
        <li key={disk.key}>
          <button
            type="button"
            className={styles.disk}
            disabled={isBusy}
            onClick={() => onChoose(disk.paths)}
          >
            {disk.isImage ? <IconPhoto size={24} /> : <IconServer2 size={24} />}
            <span className={styles.diskWords}>
              <strong>
                <bdi>{printable(disk.name)}</bdi>
              </strong>
              <span className="quiet">{disk.facts}</span>
              {disk.problem !== null && (
                <span className={styles.problem}>
                  <ToneMark tone="failed" size={16} /> {disk.problem}
                </span>
              )}
            </span>
            <IconChevronRight size={20} aria-hidden="true" />
          </button>
        </li>
      ))}
    </ul>
  );
}

function ofVolume(volume: Volume): Candidate {
  const paths = volume.devices.flatMap(({ path }) => (path === null ? [] : [path]));
  return {
    key: volume.volumeId,
    name: volume.name,
    facts: factsOf(paths, volume.sizeBytes),
    paths,
    isImage: volume.kind === 'image',
    problem: volume.problem && inOneSentence(volume.problem),
  };
}

function factsOf(paths: readonly string[], sizeBytes: number): string {
  const size = sizeBytes > 0 ? [formatSize(sizeBytes)] : [];
  return [joinWords(paths.map(printable)), ...size].join(' · ');
}
