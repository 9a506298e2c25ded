import type { CancelToken } from './cancel.ts';
import type { ReportProgress } from './progress.ts';

/** What a verb gets beside its input. */
export interface VerbContext {
  readonly cancel: CancelToken;
  readonly progress: ReportProgress;
}
