import { dirname, join } from 'node:path';

/**
 * The history file: below DENDRO_STATE when that is set; for root /var/lib/dendro, else the
 * user's state folder (file-hierarchy(7), XDG base directories).
 */
export function historyPath(environment: NodeJS.ProcessEnv, isRoot: boolean): string {
  return join(stateFolder(environment, isRoot), 'history.sqlite');
}

/** The catalogue lies beside the history; it can be deleted at any time. */
export function cataloguePath(history: string): string {
  return history === ':memory:' ? history : join(dirname(history), 'catalogue.sqlite');
}

function stateFolder(environment: NodeJS.ProcessEnv, isRoot: boolean): string {
  const { DENDRO_STATE, XDG_STATE_HOME, HOME } = environment;
  if (DENDRO_STATE) return DENDRO_STATE;
  if (isRoot) return '/var/lib/dendro';
  // One that is not absolute is to be ignored (XDG base directories).
  const given = XDG_STATE_HOME?.startsWith('/') ? XDG_STATE_HOME : undefined;
  return join(given ?? join(HOME || '/', '.local', 'state'), 'dendro');
}
