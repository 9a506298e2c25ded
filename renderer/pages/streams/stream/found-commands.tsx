import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import type { CallOutput } from '../../../../shared/contract/calls.ts';
import type { DendroError } from '../../../../shared/errors.ts';
import type { StreamCommandName } from '../../../../shared/model/stream.ts';
import { useConnection } from '../../../bridge/queries.ts';
import { formatCount } from '../../../format/size.ts';
import { Empty } from '../../../parts/empty.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { VirtualGrid } from '../../../parts/virtual-grid.tsx';
import { Waiting } from '../../../parts/waiting.tsx';
import { t } from '../../../text/index.ts';
import styles from '../streams.module.css';
import { commandColumns } from './command-columns.tsx';

interface FoundCommandsProps {
  readonly runId: string;
  readonly names: readonly StreamCommandName[];
  readonly text: string;
}

type Found = CallOutput<'stream.search'>;

/** Commands that fit, as far as was looked; a large stream is gone through in stretches. */
export function FoundCommands({ runId, names, text }: FoundCommandsProps): ReactElement {
  const connection = useConnection();
  const [current, setCurrent] = useState(-1);
  const found = useInfiniteQuery<Found, DendroError, Found[], readonly unknown[], number>({
    queryKey: ['stream.search', { runId, names, text }],
    queryFn: ({ pageParam }) =>
      connection.call('stream.search', { runId, names: [...names], text, after: pageParam }),
    initialPageParam: 0,
    getNextPageParam: ({ next }) => next,
    select: ({ pages }) => pages,
    staleTime: Infinity,
  });
  if (found.error) return <ErrorNotice error={found.error} inset />;
  if (!found.data) return <Waiting rows={8} rowPx={30} inset />;
  const commands = found.data.flatMap((page) => page.commands);
  return (
    <>
      <div className={styles.found}>
        <span role="status">
          {t('streams.foundCommands', {
            count: commands.length,
            number: formatCount(commands.length),
          })}
        </span>
        {found.hasNextPage && (
          <Button
            size="compact-xs"
            variant="default"
            loading={found.isFetchingNextPage}
            onClick={() => void found.fetchNextPage()}
          >
            {t('streams.lookOn')}
          </Button>
        )}
      </div>
      {commands.length === 0 ? (
        <Empty title={t('streams.noCommand')} />
      ) : (
        <VirtualGrid
          label={t('streams.commandsLabel', { count: commands.length })}
          columns={commandColumns}
          rowCount={commands.length}
          row={(index) => commands[index]}
          current={current}
          onCurrent={setCurrent}
          rowPx={30}
        />
      )}
    </>
  );
}
