import { setTimeout } from 'node:timers/promises';
import { CommandFailed, run } from '../harness/run.ts';

const ATTEMPTS = 50;
const PAUSE_MS = 200;

/**
 * `btrfs check`. Whoever looks at new block devices (udev) may hold this one for a moment, and it
 * looks at all of them itself, of which one may go away.
 */
export async function checkFilesystem(device: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return void run('btrfs', ['check', '--readonly', device]);
    } catch (error) {
      const isPassing = error instanceof CommandFailed && /busy|mount status/.test(error.stderr);
      if (!isPassing || attempt === ATTEMPTS) throw error;
      await setTimeout(PAUSE_MS);
    }
  }
}
