import { DendroError, noteOfError } from '../../../shared/errors.ts';
import { noted, say } from '../../../shared/said.ts';
import { isVolume } from '../../../shared/model/plan-target.ts';
import { restoresBegunIn } from '../../places/restore/forget-restores.ts';
import type { RunHandle } from '../../runs/runs.ts';
import type { Context } from '../context.ts';

const LOOK_EVERY_MS = 2_000;
const GONE = 'source-gone';
/** What opening a source says while its drive is away, once it was there. */
const STILL_AWAY = [
  ...[GONE, 'drive-away', 'drive-not-mounted', 'no-archive', 'volume-unknown', 'not-found'],
  'part-unreadable',
];

export interface Waiting {
  /** Asked every two seconds; without it the attempt itself is made again. */
  readonly isBack?: (() => Promise<boolean>) | undefined;
  /** The wait was cancelled: takes away what is restored so far, as a restore itself does. */
  readonly giveUp?: (() => Promise<void>) | undefined;
}

/**
 * Restores by `attempt`. A drive that is pulled stops it; when the drive is back it goes on where
 * it stopped.
 */
export async function throughPulls<T>(
  run: RunHandle,
  attempt: () => Promise<T>,
  { isBack = () => Promise.resolve(true), giveUp }: Waiting = {},
): Promise<T> {
  for (let isWaiting = false; ;) {
    try {
      return await attempt();
    } catch (error) {
      const code = error instanceof DendroError ? error.code : '';
      if (!(isWaiting ? STILL_AWAY.includes(code) : code === GONE)) throw error;
      if (!isWaiting) {
        run.note(
          noted(
            'waiting',
            say`${{ reason: noteOfError(error) }} Waiting for it; what is restored so far is kept.`,
          ),
        );
      }
      isWaiting = true;
    }
    try {
      do {
        run.cancel.check();
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      } while (!(await isBack()));
      run.cancel.check();
    } catch (error) {
      const isCancelled = error instanceof DendroError && error.kind === 'Cancelled';
      // Cancelled it is all the same where the target cannot be tidied up.
      if (isCancelled) await giveUp?.().catch((why) => run.note(noteOfError(why)));
      throw error;
    }
  }
}

/** Forgets, when it is called, the restore of these paths that was begun after this. */
export function givingUp(
  target: { readonly folder: string; readonly paths: readonly string[] },
  { withEngine }: Pick<Context, 'withEngine'>,
): () => Promise<void> {
  const except = restoresBegunIn(target.folder);
  return () => withEngine((engine) => engine.run('forgetRestores', { ...target, except }));
}

/** Whether a volume can be read again; of what lies on a drive of another kind its opening tells. */
export async function isVolumeBack(volumeId: string, { volumes }: Context): Promise<boolean> {
  if (!isVolume(volumeId)) return true;
  const found = (await volumes.list()).find(({ volume }) => volume.volumeId === volumeId);
  return found?.volume.problem === null;
}
