import { hangupsIgnored } from '../linux/hangups.ts';

/**
 * Resolves when the process is asked to end, and then no longer listens to such signals. A hangup
 * is one of them for what `ofTerminal` ends with: its terminal was closed.
 */
export function ended({ ofTerminal }: { readonly ofTerminal: boolean }): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
    if (ofTerminal && !hangupsIgnored()) process.once('SIGHUP', () => resolve());
  });
}

/**
 * Holds the folder no longer that it was started in: its drive could not be unplugged, and where it
 * is removed no thread can be started. Relative paths are made absolute before.
 */
export function leaveFolder(): void {
  process.chdir('/');
}
