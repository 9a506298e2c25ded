import {
  QueryClient,
  useMutation,
  useQuery,
  useQueryClient,
  type UseMutationResult,
  type UseQueryResult,
} from '@tanstack/react-query';
import { createContext, useContext, useSyncExternalStore } from 'react';
import type { CallInput, CallName, CallOutput } from '../../shared/contract/calls.ts';
import type { DendroError } from '../../shared/errors.ts';
import type { Connection, ConnectionState } from './connection.ts';

const ConnectionContext = createContext<Connection | null>(null);
export const ConnectionProvider = ConnectionContext.Provider;

export function useConnection(): Connection {
  const connection = useContext(ConnectionContext);
  if (!connection) throw new Error('no connection above this component');
  return connection;
}

export function useConnectionState(): ConnectionState {
  const connection = useConnection();
  return useSyncExternalStore(
    (listener) => connection.onState(listener),
    () => connection.state,
  );
}

export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The service tells when something changed; asking again on every focus would only flicker.
      queries: { retry: false, refetchOnWindowFocus: false, staleTime: 30_000 },
      mutations: { retry: false },
    },
  });
}

interface AskOptions {
  readonly enabled?: boolean;
  /** Keep showing the last answer while the next one is on its way. */
  readonly keep?: boolean;
  readonly staleMs?: number;
}

/** One call of the contract as a query; its key is the call and its input. */
export function useAsk<N extends CallName>(
  name: N,
  input: CallInput<N>,
  { enabled = true, keep = false, staleMs }: AskOptions = {},
): UseQueryResult<CallOutput<N>, DendroError> {
  const connection = useConnection();
  return useQuery<CallOutput<N>, DendroError>({
    queryKey: [name, input],
    queryFn: () => connection.call(name, input),
    enabled,
    ...(keep ? { placeholderData: (previous) => previous } : {}),
    ...(staleMs === undefined ? {} : { staleTime: staleMs }),
  });
}

/** One call of the contract as an action; afterwards the answers of `stale` are asked anew. */
export function useAct<N extends CallName>(
  name: N,
  stale: readonly CallName[] = [],
): UseMutationResult<CallOutput<N>, DendroError, CallInput<N>> {
  const connection = useConnection();
  const queries = useQueryClient();
  return useMutation<CallOutput<N>, DendroError, CallInput<N>>({
    mutationFn: (input) => connection.call(name, input),
    onSuccess: () => forget(queries, stale),
  });
}

export async function forget(queries: QueryClient, names: readonly CallName[]): Promise<void> {
  await Promise.all(names.map((name) => queries.invalidateQueries({ queryKey: [name] })));
}
