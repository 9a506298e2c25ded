import { Button, Radio, Stack } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useState, type ReactElement, type ReactNode } from 'react';
import type { Source } from '../../../shared/model/subvolume.ts';
import { useAsk } from '../../bridge/queries.ts';
import { placesFor, unusableDrives } from '../../model/backup-places.ts';
import { placeText } from '../../model/place-text.ts';
import { refKey, sourceName } from '../../model/sources.ts';
import { EmptyDrive } from '../../parts/empty-drive.tsx';
import { t } from '../../text/index.ts';
import { useBackup } from '../backup/backup-dialog.tsx';
import styles from './first-steps.module.css';

/** Before the first backup: its three steps, with what this computer has already filled in. */
export function FirstSteps({ sources }: { readonly sources: readonly Source[] }): ReactElement {
  const volumes = useAsk('volumes.list', {});
  const drives = useAsk('drives.list', {});
  const backup = useBackup();
  const present = sources.filter((source) => source.present);
  const [sourceKey, setSourceKey] = useState<string | null>(null);
  const source = present.find((one) => refKey(one) === sourceKey) ?? present[0];
  const places = source ? placesFor(source, volumes.data ?? [], drives.data ?? []) : [];
  const [placeId, setPlaceId] = useState<string | null>(null);
  const place = places.find(({ id }) => id === placeId) ?? places[0];
  return (
    <section className={styles.steps} aria-labelledby="first-steps">
      <h2 id="first-steps" className={styles.title}>
        {t('first.title')}
      </h2>
      <ol className={styles.list}>
        <Step done={present.length > 0} number={1} title={t('first.what')}>
          {present.length > 0 ? (
            <Choice
              label={t('first.what')}
              value={source && refKey(source)}
              onChange={setSourceKey}
              options={present.map((one) => ({ value: refKey(one), label: sourceText(one) }))}
            />
          ) : (
            t('first.whatNone')
          )}
        </Step>
        <Step done={places.length > 0} number={2} title={t('first.where')}>
          {places.length > 0 ? (
            <Choice
              label={t('first.where')}
              value={place?.id}
              onChange={setPlaceId}
              options={places.map((one) => ({ value: one.id, label: placeText(one) }))}
            />
          ) : (
            <>
              {t('first.whereNone')}
              {unusableDrives(drives.data ?? []).map((drive) => (
                <EmptyDrive key={drive.driveId} drive={drive} />
              ))}
            </>
          )}
        </Step>
        <Step done={false} number={3} title={t('first.go')}>
          {t('first.goText')}
          <div className={styles.action}>
            <Button
              disabled={!source || !place}
              onClick={() => source && place && backup.open(source, place.id)}
            >
              {t('first.action')}
            </Button>
          </div>
        </Step>
      </ol>
    </section>
  );
}

/** With the mount point: two volumes may each have an '@home'. */
function sourceText(source: Source): string {
  const where = source.mountedPath ?? source.volumeName;
  return t('first.source', { name: sourceName(source), where });
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly onChange: (value: string) => void;
  readonly options: readonly { readonly value: string; readonly label: string }[];
}

/** One is chosen already; a single one is only said. */
function Choice({ label, value, onChange, options }: ChoiceProps): ReactElement {
  if (options.length === 1) return <p className={styles.only}>{options[0]!.label}</p>;
  return (
    <Radio.Group aria-label={label} value={value ?? null} onChange={onChange}>
      <Stack gap={8} className={styles.options}>
        {options.map((option) => (
          <Radio key={option.value} value={option.value} label={option.label} />
        ))}
      </Stack>
    </Radio.Group>
  );
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
      <div className={styles.words}>
        <h3 className={styles.stepTitle}>{title}</h3>
        <div className={styles.text}>{children}</div>
      </div>
    </li>
  );
}
