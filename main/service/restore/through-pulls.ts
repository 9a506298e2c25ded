import { DendroError } from '../../../shared/errors.ts';
import { isVolume } from '../../../shared/model/plan-target.ts';
import type { RunHandle } from '../../runs/runs.ts';
import type { Context } from '../context.ts';

const LOOK_EVERY_MS = 2_000;
const GONE = 'source-gone';
/** What opening a source says while its drive is away, once it was there. */
const STILL_AWAY = [
  ...[GONE, 'drive-away', 'drive-not-mounted', 'no-archive', 'volume-unknown', 'not-found'],
  'part-unreadable',
];

/**
 * Restores by `attempt`. A drive that is pulled stops it; when the drive is back it goes on where
 * it stopped.
 * @param isBack asked every two seconds; without it the attempt itself is made again
 */
export async function throughPulls<T>(
  run: RunHandle,
  attempt: () => Promise<T>,
  isBack: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<T> {
  for (let isWaiting = false; ;) {
    try {
      return await attempt();
    } catch (error) {
      const code = error instanceof DendroError ? error.code : '';
      if (!(isWaiting ? STILL_AWAY.includes(code) : code === GONE)) throw error;
      if (!isWaiting) {
        run.note(
          `${(error as DendroError).message} Waiting for it; what is restored so far is kept.`,
        );
      }
      isWaiting = true;
    }
    do {
      run.cancel.check();
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    } while (!(await isBack()));
    run.cancel.check();
  }
}

/** Whether a volume can be read again; of what lies on a drive of another kind its opening tells. */
export async function isVolumeBack(volumeId: string, { volumes }: Context): Promise<boolean> {
  if (!isVolume(volumeId)) return true;
  const found = (await volumes.list()).find(({ volume }) => volume.volumeId === volumeId);
  return found?.volume.problem === null;
}
