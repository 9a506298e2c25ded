import { setTimeout } from 'node:timers/promises';
import { CommandFailed, run } from '../harness/run.ts';

const ATTEMPTS = 50;
const PAUSE_MS = 200;

/** `btrfs check`; whoever looks at new block devices (udev) may hold this one for a moment. */
export async function checkFilesystem(device: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return void run('btrfs', ['check', '--readonly', device]);
    } catch (error) {
      const isBusy = error instanceof CommandFailed && error.stderr.includes('busy');
      if (!isBusy || attempt === ATTEMPTS) throw error;
      await setTimeout(PAUSE_MS);
    }
  }
}
