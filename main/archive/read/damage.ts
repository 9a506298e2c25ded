import { DendroError } from '../../../shared/errors.ts';

/** Something of the archive is damaged, missing or unreadable: what stands elsewhere is not. */
export function isDamage(error: unknown): error is DendroError {
  return error instanceof DendroError && (error.kind === 'Corrupt' || error.kind === 'Io');
}

/**
 * Passes values on until their source meets damage, which goes to `onDamage` and ends them. What
 * the consumer throws is not caught here.
 * @returns whether there was none.
 */
export function* untilDamage<T>(
  values: Iterable<T>,
  onDamage: (error: DendroError) => void,
): Generator<T, boolean> {
  try {
    yield* values;
    return true;
  } catch (error) {
    if (!isDamage(error)) throw error;
    onDamage(error);
    return false;
  }
}
