import type { InodeView } from '../diff/inode-item.ts';
import type { Spans } from '../diff/spans.ts';
import type { Bytes } from './command-sink.ts';
import type { Outgoing } from './outgoing.ts';

/** Finds data that the receiver has already. */
export interface Cloner {
  begin(path: Bytes, inode: number, item: InodeView): void;
  /** The first part of `[start, end)` of the span that can be cloned. */
  find(span: Spans, start: number, end: number): { start: number; end: number } | undefined;
  /** The command for what `find` has found. */
  emit(out: Outgoing): void;
}
