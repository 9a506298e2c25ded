import type { DendroError } from '../../shared/errors.ts';
import type { History } from './history.ts';
import { historyTrouble } from './trouble.ts';

/**
 * The same history, in which notes of what has happened anyway may be lost: what was seen on a
 * volume, what was sent, restored or held. A backup must not fail because the disk of the history
 * is full, nor a page be empty; what is lost is seen again, stands on the drives themselves, or
 * makes the next backup larger. What a person asks to be kept (plans, settings, tags) still fails.
 *
 * @param onTrouble told of each note that was lost.
 */
export function lenient(history: History, onTrouble: (trouble: DendroError) => void): History {
  const { points, interruptedSends, sentWithout, restores, pins, drives, plans, sourcePaths } =
    history;
  const loose = <T, K extends keyof T>(table: T, ...names: readonly K[]): void => {
    for (const name of names) {
      const write = table[name] as (...values: unknown[]) => unknown;
      const lenientWrite = (...values: unknown[]): void => {
        try {
          write.apply(table, values);
        } catch (error) {
          const trouble = historyTrouble(error, history.path);
          if (trouble === undefined) throw error;
          onTrouble(trouble);
        }
      };
      table[name] = lenientWrite as T[K];
    }
  };
  loose(points, 'volumeSeen', 'replaceVolume', 'pointBackedUp');
  loose(interruptedSends, 'record', 'forget');
  loose(sentWithout, 'record');
  loose(restores, 'record');
  loose(pins, 'set');
  loose(drives, 'note', 'seen');
  loose(plans, 'follow');
  loose(sourcePaths, 'note');
  return history;
}
