import { chmodSync, mkdirSync } from 'node:fs';

/** Root's: the socket of the service, mounted drives, how far receives are. Each guards itself. */
export const RUN_FOLDER = '/run/dendro';

/**
 * Makes it, or another folder of ours in memory. Everybody passes through it to the socket, whoever
 * made it first and with whatever umask.
 */
export function makeRunFolder(path = RUN_FOLDER): void {
  mkdirSync(path, { recursive: true });
  chmodSync(path, 0o755);
}
