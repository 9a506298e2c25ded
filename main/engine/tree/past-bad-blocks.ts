import type { DendroError } from '../../../shared/errors.ts';
import { isDamage, type Cursor } from '../volume/index.ts';

/** Takes a step of the cursor. Each block that is skipped is another: there is an end to it. */
export function pastBadBlocks(
  cursor: Cursor,
  step: () => boolean,
  onDamage: (error: DendroError) => void,
): void {
  let isDone = false;
  for (let go = step; !isDone; go = () => cursor.skipBadBlock()) {
    isDone = attempt(() => (go(), true), false, onDamage);
  }
}

export function attempt<T>(work: () => T, otherwise: T, onDamage: (error: DendroError) => void): T {
  try {
    return work();
  } catch (error) {
    if (!isDamage(error)) throw error;
    onDamage(error);
    return otherwise;
  }
}
