import { Button, Checkbox, Group, Stack } from '@mantine/core';
import type { ReactElement } from 'react';
import { useAct, useAsk } from '../../bridge/queries.ts';
import { SOURCE_LIST } from '../../bridge/source-list.ts';
import { formatCount, formatSize } from '../../format/size.ts';
import { sourceName } from '../../model/sources.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { t } from '../../text/index.ts';
import styles from './settings.module.css';

const STALE = ['catalogue.status'] as const;

/** The names of files that are kept for finding: how many, of which sources. */
export function CatalogueSettings(): ReactElement | null {
  const status = useAsk('catalogue.status', {});
  const sources = useAsk('sources.list', SOURCE_LIST);
  const change = useAct('catalogue.switch', STALE);
  const update = useAct('catalogue.update', STALE);
  const rebuild = useAct('catalogue.rebuild', STALE);
  const { data } = status;
  if (!data) return null;
  const off = new Set(data.off);
  const error = change.error ?? update.error ?? rebuild.error;
  const named = (sources.data ?? []).flatMap((source) =>
    source.uuid === null || source.pointCount === 0 ? [] : [{ ...source, uuid: source.uuid }],
  );
  return (
    <section className={styles.form}>
      <h2 className={styles.label}>{t('settings.catalogue')}</h2>
      <p className={styles.help}>{t('settings.catalogueHelp')}</p>
      <p className="plain">
        {t('settings.catalogueFacts', {
          versions: formatCount(data.versions),
          points: formatCount(data.points),
          size: formatSize(data.bytes),
        })}{' '}
        {data.waiting > 0 && t('settings.catalogueWaiting', { count: data.waiting })}
      </p>
      <Stack gap={6} mt={12}>
        {named.map((source) => (
          <Checkbox
            key={source.uuid}
            label={t('settings.catalogueSource', { name: sourceName(source) })}
            checked={!off.has(source.uuid)}
            disabled={change.isPending}
            onChange={(event) =>
              change.mutate({ sourceUuid: source.uuid, isOff: !event.currentTarget.checked })
            }
          />
        ))}
        <Group gap="xs" mt={8}>
          <Button
            variant="default"
            size="xs"
            loading={update.isPending}
            disabled={data.waiting === 0}
            onClick={() => update.mutate({})}
          >
            {t('settings.catalogueUpdate')}
          </Button>
          <Button
            variant="default"
            size="xs"
            loading={rebuild.isPending}
            onClick={() => rebuild.mutate({})}
          >
            {t('settings.catalogueRebuild')}
          </Button>
        </Group>
      </Stack>
      {error && <ErrorNotice error={error} />}
    </section>
  );
}
