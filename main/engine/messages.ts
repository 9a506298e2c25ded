import type { ErrorData } from '../../shared/errors.ts';
import type { VerbInput, VerbName, VerbOutput } from './index.ts';
import type { EngineProgress } from './progress.ts';

/** What goes into the worker: one verb to carry out. */
export interface WorkerRequest<N extends VerbName = VerbName> {
  readonly id: number;
  readonly verb: N;
  readonly input: VerbInput<N>;
  /** The word of a `CancelToken`. */
  readonly cancel: SharedArrayBuffer;
}

/** What comes out: progress now and then, and one output or error. */
export type WorkerReply =
  | { readonly id: number; readonly progress: EngineProgress }
  | { readonly id: number; readonly output: VerbOutput<VerbName> }
  | { readonly id: number; readonly error: ErrorData };
