import type { ErrorData } from '../../shared/errors.ts';
import type { Catalogue } from './index.ts';

/** What of the catalogue is done in its threads. */
export type CatalogueCall =
  | 'update'
  | 'takeArchived'
  | 'compact'
  | 'setOff'
  | 'forget'
  | 'find'
  | 'known'
  | 'status'
  | 'close';

type Method<C extends CatalogueCall> = Catalogue[C] extends (...args: infer A) => infer R
  ? { readonly args: A; readonly result: R }
  : never;

export type CallArgs<C extends CatalogueCall> = Method<C>['args'];
export type CallResult<C extends CatalogueCall> = Method<C>['result'];

export interface CatalogueRequest {
  readonly id: number;
  readonly call: CatalogueCall;
  readonly args: readonly unknown[];
  /** The word of a `CancelToken`. */
  readonly cancel: SharedArrayBuffer;
}

export type CatalogueReply =
  | { readonly id: number; readonly result: unknown }
  | { readonly id: number; readonly error: ErrorData };
