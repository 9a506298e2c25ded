import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import {
  FOREIGN,
  missingTool,
  mountForeign,
  type Foreign,
  type ForeignDisk,
} from '../receive/foreign-filesystem.ts';

/** What happens to the drive that an archive is on. */
export const DRIVE_FAULTS = ['pull', 'full', 'read-only', 'unmount'] as const;
export type DriveFault = (typeof DRIVE_FAULTS)[number];

const BTRFS: Foreign = {
  ...{ name: 'btrfs', make: ['mkfs.btrfs', '-q', '-f'], mount: { type: 'btrfs' }, isPosix: true },
};
/** A drive of people's; its journal keeps the filesystem whole, whatever happens to the files. */
const JOURNALED = FOREIGN.find(({ name }) => name === 'ext4')!;
/** Each is full in its own way: with what it sets aside, when it tells, and what a removal needs. */
const FILLED = [...FOREIGN.filter(({ name }) => ['ext4', 'xfs', 'exfat'].includes(name)), BTRFS];
const FILLER = 'of somebody else';
const PIECE_BYTES = 1 << 20;
const BLOCK_BYTES = 4096;
const ROOM_BYTES = 40 << 20;

/** The drives of a campaign, made when they are needed first. */
export class DangerDrives {
  readonly #disks = new Map<Foreign, ForeignDisk>();
  #count = 0;

  /** Of a full drive another filesystem each time. */
  next(fault: DriveFault): ForeignDisk {
    const kinds = fault === 'full' ? FILLED : [JOURNALED];
    const foreign = kinds[(this.#count += 1) % kinds.length]!;
    const missing = missingTool(foreign);
    if (missing !== undefined) throw new Error(`${missing} is not installed`);
    let disk = this.#disks.get(foreign);
    if (disk === undefined) this.#disks.set(foreign, (disk = mountForeign(foreign)));
    return disk;
  }

  /** May be called twice. */
  close(): void {
    for (const disk of this.#disks.values()) disk.close();
    this.#disks.clear();
  }
}

/** So that about this many bytes are left. */
export function fillUp({ dir }: ForeignDisk, leftBytes: number): void {
  run('sync', ['-f', dir]);
  const path = join(dir, FILLER);
  const fd = openSync(path, 'a');
  try {
    const piece = new Random(1).bytes(PIECE_BYTES);
    for (let bytes = PIECE_BYTES; bytes >= BLOCK_BYTES;) {
      if (!wrote(fd, piece.subarray(0, bytes))) bytes /= 2;
    }
    ftruncateSync(fd, Math.max(0, statSync(path).size - leftBytes));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  run('sync', ['-f', dir]);
}

/** As somebody does who was told that it is full. */
export function makeRoom({ dir }: ForeignDisk): void {
  const path = join(dir, FILLER);
  run('truncate', ['-s', `${Math.max(0, statSync(path).size - ROOM_BYTES)}`, path]);
  run('sync', ['-f', dir]);
}

/** What a command put where the drive had been mounted. */
export function besides({ dir }: ForeignDisk): string[] {
  return readdirSync(dir);
}

function wrote(fd: number, bytes: Uint8Array): boolean {
  try {
    writeSync(fd, bytes);
    // Some are full only when they put it there.
    if (bytes.length < PIECE_BYTES) fsyncSync(fd);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
