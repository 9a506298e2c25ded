import type { CancelToken } from '../../engine/cancel.ts';
import type { Context } from '../context.ts';

const LOOK_EVERY_MS = 2_000;

/** Resolves when the volume can be read again. @throws Cancelled */
export async function untilVolumeIsBack(
  volumeId: string,
  cancel: CancelToken,
  { volumes }: Context,
): Promise<void> {
  for (;;) {
    cancel.check();
    const found = (await volumes.list()).find(({ volume }) => volume.volumeId === volumeId);
    if (found?.volume.problem === null) return;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}
