import { CancelToken } from '../engine/cancel.ts';
import type { VerbContext } from '../engine/context.ts';

/**
 * For verbs carried out in this thread: a command line has nothing else to do meanwhile, and
 * Ctrl-C ends the process.
 */
export function plainContext(): VerbContext {
  return { cancel: new CancelToken(), progress: () => {} };
}
