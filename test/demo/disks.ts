import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { sweep } from '../runner/leftovers.ts';
import { say } from './say.ts';

const PREFIX = 'dendro-demo-';

export interface Disks {
  readonly laptop: TestBtrfs;
  readonly drive: TestBtrfs;
  /** Where `btrfs receive` puts what `btrfs send` sends, for comparison. */
  readonly stock: TestBtrfs;
}

/** Three disks of their own; the process cleans them up when it ends, however it ends. */
export function makeDisks(sizeMiB: number): Disks {
  const make = (label: string) =>
    makeBtrfs({ sizeMiB, mkfsArgs: ['-L', label], prefix: `${PREFIX}${label}-` });
  return { laptop: make('laptop'), drive: make('backup-drive'), stock: make('stock') };
}

export function closeDisks(disks: Disks): void {
  for (const disk of Object.values(disks) as TestBtrfs[]) disk.close();
}

/** Lets the laptop and the backup drive stay. */
export function keepDisks({ laptop, drive, stock }: Disks): void {
  stock.close();
  for (const disk of [laptop, drive]) {
    disk.keep();
    say(`Kept: ${disk.device} on ${disk.dir}`);
  }
  say('Remove them with: npm run demo -- --clean');
}

/** Unmounts and removes what earlier runs with `--keep` left, or a run that was killed. */
export function removeKeptDisks(): void {
  const folders = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const name of folders) {
    sweep(join(tmpdir(), name));
    say(`Removed ${join(tmpdir(), name)}`);
  }
  if (folders.length === 0) say('Nothing to remove.');
}
