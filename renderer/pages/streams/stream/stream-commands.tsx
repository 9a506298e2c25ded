import { TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useState, type ReactElement } from 'react';
import type { StreamCommandName, StreamLook } from '../../../../shared/model/stream.ts';
import { usePagedRows } from '../../../bridge/paged-rows.ts';
import { formatCount } from '../../../format/size.ts';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { VirtualGrid } from '../../../parts/virtual-grid.tsx';
import { Waiting } from '../../../parts/waiting.tsx';
import { t } from '../../../text/index.ts';
import styles from '../streams.module.css';
import { commandColumns } from './command-columns.tsx';
import { FoundCommands } from './found-commands.tsx';

interface StreamCommandsProps {
  readonly runId: string;
  readonly look: StreamLook;
}

/** Every command in its order; narrowed down by kind, or by a part of a path. */
export function StreamCommands({ runId, look }: StreamCommandsProps): ReactElement {
  const [names, setNames] = useState<readonly StreamCommandName[]>([]);
  const [text, setText] = useState('');
  const [sought] = useDebouncedValue(text, 250);
  const counts = [...look.counts].sort((a, b) => b.count - a.count);
  const toggle = (name: StreamCommandName): void =>
    setNames(names.includes(name) ? names.filter((one) => one !== name) : [...names, name]);
  return (
    <div className={styles.view}>
      <div className={styles.filters}>
        <TextInput
          size="xs"
          w={220}
          aria-label={t('streams.searchPath')}
          placeholder={t('streams.searchPath')}
          leftSection={<IconSearch size={15} aria-hidden="true" />}
          value={text}
          maxLength={255}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => event.key === 'Escape' && setText('')}
        />
        <div className={styles.kinds} role="group" aria-label={t('streams.kinds')}>
          {counts.map(({ name, count }) => (
            <button
              key={name}
              type="button"
              className={styles.kind}
              aria-pressed={names.includes(name)}
              onClick={() => toggle(name)}
            >
              <code>{name}</code> <span className="figure">{formatCount(count)}</span>
            </button>
          ))}
        </div>
      </div>
      {names.length === 0 && sought === '' ? (
        <AllCommands runId={runId} total={look.commands} />
      ) : (
        <FoundCommands
          key={`${names.join()} ${sought}`}
          runId={runId}
          names={names}
          text={sought}
        />
      )}
    </div>
  );
}

interface AllCommandsProps {
  readonly runId: string;
  readonly total: number;
}

function AllCommands({ runId, total }: AllCommandsProps): ReactElement {
  const [current, setCurrent] = useState(-1);
  const rows = usePagedRows({
    call: 'stream.commands',
    input: (offset, limit) => ({ runId, offset, limit }),
    rows: (page) => page,
    total: () => total,
  });
  if (rows.error) return <ErrorNotice error={rows.error} inset />;
  if (rows.total === undefined) return <Waiting rows={8} rowPx={30} inset />;
  return (
    <VirtualGrid
      label={t('streams.commandsLabel', { count: total })}
      columns={commandColumns}
      rowCount={total}
      row={rows.row}
      current={current}
      onCurrent={setCurrent}
      onRange={rows.setRange}
      rowPx={30}
    />
  );
}
