import { writeFileSync } from 'node:fs';
import { run } from './run.ts';

/**
 * Forgets what is cached of the filesystems' data and metadata; the two programs themselves
 * are read in again, for what is measured is the work, not the loading of a program.
 * @param dendro the launcher that is going to be measured
 */
export function dropCaches(dendro: string): void {
  run('sync', []);
  writeFileSync('/proc/sys/vm/drop_caches', '3');
  for (const command of ['send', 'receive', 'find', 'cat']) run(dendro, [command, '--help']);
  run('btrfs', ['--version']);
}
