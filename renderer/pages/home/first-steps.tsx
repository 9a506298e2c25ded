import { Button } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { ReactElement, ReactNode } from 'react';
import type { Source } from '../../../shared/model/subvolume.ts';
import type { Volume } from '../../../shared/model/volume.ts';
import { useAsk } from '../../bridge/queries.ts';
import { formatSize } from '../../format/size.ts';
import { sourceName } from '../../model/sources.ts';
import { joinWords, t } from '../../text/index.ts';
import { useBackup } from '../backup/backup-dialog.tsx';
import styles from './first-steps.module.css';

/** Before the first backup: its three steps, with what this computer has already filled in. */
export function FirstSteps({ sources }: { readonly sources: readonly Source[] }): ReactElement {
  const volumes = useAsk('volumes.list', {});
  const backup = useBackup();
  const present = sources.filter((source) => source.present);
  const drives = targetsFor(volumes.data ?? [], present);
  return (
    <section className={styles.steps} aria-labelledby="first-steps">
      <h2 id="first-steps" className={styles.title}>
        {t('first.title')}
      </h2>
      <ol className={styles.list}>
        <Step done={present.length > 0} number={1} title={t('first.what')}>
          {present.length > 0
            ? t('first.whatFound', {
                names: joinWords(present.slice(0, 4).map((s) => sourceName(s))),
                count: present.length,
              })
            : t('first.whatNone')}
        </Step>
        <Step done={drives.length > 0} number={2} title={t('first.where')}>
          {drives.length > 0 ? joinWords(drives.slice(0, 4).map(driveWords)) : t('first.whereNone')}
        </Step>
        <Step done={false} number={3} title={t('first.go')}>
          {t('first.goText')}
          <div className={styles.action}>
            <Button
              disabled={present.length === 0 || drives.length === 0}
              onClick={() => backup.open()}
            >
              {t('first.action')}
            </Button>
          </div>
        </Step>
      </ol>
    </section>
  );
}

function driveWords(volume: Volume): string {
  return volume.freeBytes === null
    ? volume.name
    : t('first.drive', { name: volume.name, free: formatSize(volume.freeBytes) });
}

/** Drives that can take a backup and are not themselves all there is to back up. */
function targetsFor(volumes: readonly Volume[], sources: readonly Source[]): Volume[] {
  const able = volumes.filter((volume) => volume.canReceive);
  const others = able.filter((v) => sources.some((source) => source.volumeId !== v.volumeId));
  return others;
}

interface StepProps {
  readonly number: number;
  readonly done: boolean;
  readonly title: string;
  readonly children: ReactNode;
}

function Step({ number, done, title, children }: StepProps): ReactElement {
  return (
    <li className={styles.step}>
      <span className={styles.mark} data-done={done || undefined}>
        {done ? <IconCheck size={16} aria-label={t('first.found')} /> : number}
      </span>
      <div>
        <h3 className={styles.stepTitle}>{title}</h3>
        <div className={styles.text}>{children}</div>
      </div>
    </li>
  );
}
