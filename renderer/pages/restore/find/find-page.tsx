import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useMemo, useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import type { CatalogueEntry } from '../../../../shared/model/catalogue.ts';
import { useAsk } from '../../../bridge/queries.ts';
import { SOURCE_LIST } from '../../../bridge/source-list.ts';
import { formatCount } from '../../../format/size.ts';
import { sourceName } from '../../../model/sources.ts';
import { useBesidePane } from '../../../parts/beside-pane.ts';
import { Empty } from '../../../parts/empty.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { PageHeader } from '../../../parts/page-header.tsx';
import { VirtualGrid } from '../../../parts/virtual-grid.tsx';
import { Waiting } from '../../../parts/waiting.tsx';
import { t } from '../../../text/index.ts';
import { CatalogueState } from './catalogue-state.tsx';
import styles from './find.module.css';
import { FoundPane } from './found-pane.tsx';
import { foundColumns } from './found-columns.tsx';
import { AGES, EMPTY, findCommand, FOUND_LIMIT, queryOf, SIZES, type FindForm } from './query.ts';

const HOWS: readonly FindForm['how'][] = ['substring', 'name', 'glob', 'extension'];
const DELETED: readonly FindForm['deleted'][] = ['any', 'only', 'no'];

/** Every version of every file, in every place: also on drives that are in a drawer. */
export function FindPage(): ReactElement {
  const [form, setForm] = useState<FindForm>(EMPTY);
  const [chosen, setChosen] = useState<string | null>(null);
  const [settled] = useDebouncedValue(form, 150);
  const query = useMemo(() => queryOf(settled, Date.now()), [settled]);
  const found = useAsk('catalogue.find', query ?? {}, { enabled: query !== null, keep: true });
  const change = (part: Partial<FindForm>): void => setForm({ ...form, ...part });
  const entries = query === null ? [] : (found.data?.entries ?? []);
  const entry = entries.find((one) => keyOf(one) === chosen);
  const { ref, beside } = useBesidePane(entry !== undefined);
  return (
    <>
      <PageHeader
        title={t('find.title')}
        commands={[findCommand(form, Date.now())]}
        actions={
          <Button component={Link} href="/restore" variant="default">
            {t('find.back')}
          </Button>
        }
      />
      <search className={styles.form}>
        <TextInput
          className={styles.text}
          aria-label={t('find.text')}
          placeholder={t(`find.example.${form.how}`)}
          leftSection={<IconSearch size={15} aria-hidden="true" />}
          value={form.text}
          maxLength={255}
          data-autofocus
          onChange={(event) => change({ text: event.currentTarget.value })}
          onKeyDown={(event) => event.key === 'Escape' && change({ text: '' })}
        />
        <Filters form={form} change={change} />
      </search>
      <CatalogueState isQuiet={entries.length > 0} />
      {found.error && <ErrorNotice error={found.error} inset />}
      {query === null && <Empty title={t('find.begin')}>{t('find.beginText')}</Empty>}
      {query !== null && found.isPending && <Waiting rows={8} rowPx={36} inset />}
      {query !== null && found.data && entries.length === 0 && (
        <Empty title={t('find.nothing')}>{t('find.nothingText')}</Empty>
      )}
      {entries.length > 0 && (
        <>
          <p className="note" role="status">
            {t(entries.length >= FOUND_LIMIT ? 'find.many' : 'find.found', {
              count: entries.length,
              number: formatCount(entries.length),
            })}
          </p>
          <div ref={ref} className={styles.columns}>
            <VirtualGrid
              label={t('find.results')}
              columns={foundColumns}
              rowCount={entries.length}
              row={(index) => entries[index]}
              current={entries.findIndex((one) => keyOf(one) === chosen)}
              onCurrent={(index) => setChosen(entries[index] ? keyOf(entries[index]) : null)}
              rowPx={52}
              beside={beside}
            />
            {entry && <FoundPane entry={entry} onClose={() => setChosen(null)} />}
          </div>
        </>
      )}
    </>
  );
}

/** No source has it for its UUID. */
const EVERYWHERE = 'everywhere';

function keyOf({ sourceUuid, path }: CatalogueEntry): string {
  return `${sourceUuid} ${path}`;
}

interface FiltersProps {
  readonly form: FindForm;
  readonly change: (part: Partial<FindForm>) => void;
}

function Filters({ form, change }: FiltersProps): ReactElement {
  const sources = useAsk('sources.list', SOURCE_LIST);
  const known = (sources.data ?? []).flatMap((source) =>
    source.uuid === null ? [] : [{ value: source.uuid, label: sourceName(source) }],
  );
  return (
    <>
      <Select
        aria-label={t('find.how')}
        data={HOWS.map((value) => ({ value, label: t(`find.hows.${value}`) }))}
        value={form.how}
        onChange={(how) => how && change({ how })}
        allowDeselect={false}
        w={152}
      />
      <Select
        aria-label={t('find.size')}
        data={keys(SIZES).map((value) => ({ value, label: t(`find.sizes.${value}`) }))}
        value={form.size}
        onChange={(size) => size && change({ size })}
        allowDeselect={false}
        w={132}
      />
      <Select
        aria-label={t('find.age')}
        data={keys(AGES).map((value) => ({ value, label: t(`find.ages.${value}`) }))}
        value={form.age}
        onChange={(age) => age && change({ age })}
        allowDeselect={false}
        w={172}
      />
      <Select
        aria-label={t('find.deleted')}
        data={DELETED.map((value) => ({ value, label: t(`find.deletedHow.${value}`) }))}
        value={form.deleted}
        onChange={(deleted) => deleted && change({ deleted })}
        allowDeselect={false}
        w={164}
      />
      {known.length > 1 && (
        <Select
          aria-label={t('find.source')}
          data={[{ value: EVERYWHERE, label: t('find.anySource') }, ...known]}
          value={form.sourceUuid ?? EVERYWHERE}
          onChange={(uuid) => change({ sourceUuid: uuid === EVERYWHERE ? null : uuid })}
          allowDeselect={false}
          w={136}
        />
      )}
    </>
  );
}

function keys<T extends object>(table: T): (keyof T & string)[] {
  return Object.keys(table) as (keyof T & string)[];
}
