import { closeSync, openSync } from 'node:fs';
import { makeBtrfs, type BtrfsOptions, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { ioctl } from '../harness/syscalls.ts';
import { raiseNumbers } from './high-numbers.ts';

export interface Shape extends BtrfsOptions {
  /** Each data extent then names its owner in the extent tree. */
  readonly simpleQuota?: boolean;
  /** Options of btrfstune, for the filesystem when it is made. */
  readonly tune?: readonly string[];
  /** Numbers of all kinds are above 32 bits. */
  readonly isHigh?: boolean;
  /** Devices that may be missing. */
  readonly spare?: number;
}

/**
 * Small blocks make high trees of few files; both forms of holes; data compressed by the mount;
 * data and metadata in the same chunks; several devices; large blocks; the formats and trees of
 * old filesystems, quotas of both kinds; files inline up to a sector, data without checksums;
 * as few devices as a profile takes, and more than a stripe needs; another UUID in the metadata; high
 * numbers of inodes, trees, generations and addresses.
 */
export const shapes: readonly Shape[] = [
  { mkfsArgs: ['-n', '4096'] },
  { mkfsArgs: ['-n', '16384'], mountOptions: 'compress-force=zstd' },
  { mkfsArgs: ['-n', '4096', '-O', '^no-holes'] },
  { mkfsArgs: ['-n', '4096'], mountOptions: 'compress=lzo' },
  { mkfsArgs: ['-M', '--csum', 'xxhash'], mountOptions: 'compress-force=zlib' },
  { mkfsArgs: ['-n', '65536', '-m', 'raid1', '-d', 'raid0'], devices: 2 },
  { mkfsArgs: ['-n', '4096', '-O', '^skinny-metadata,^no-holes', '-R', '^free-space-tree'] },
  { mkfsArgs: ['-n', '4096'], simpleQuota: true },
  { mkfsArgs: ['-R', 'quota', '--csum', 'sha256'], mountOptions: 'max_inline=4095,autodefrag' },
  { mkfsArgs: ['-n', '8192'], mountOptions: 'nodatasum,max_inline=0' },
  { mkfsArgs: ['-n', '4096', '-m', 'raid1c3', '-d', 'raid5'], devices: 3, spare: 1 },
  { mkfsArgs: ['-n', '4096'], mountOptions: 'nodatacow,flushoncommit' },
  {
    mkfsArgs: ['-n', '32768', '--csum', 'blake2', '-m', 'raid10', '-d', 'raid10'],
    devices: 4,
    spare: 1,
  },
  { mkfsArgs: ['-m', 'raid6', '-d', 'raid6'], devices: 4, mountOptions: 'compress=zstd', spare: 2 },
  { mkfsArgs: ['-n', '4096', '-s', '4096'], mountOptions: 'compress-force=zstd:15' },
  { mkfsArgs: ['-M', '-n', '4096'], mountOptions: 'max_inline=4095,notreelog' },
  { mkfsArgs: ['-n', '4096', '-m', 'raid5', '-d', 'raid5'], devices: 2, spare: 1 },
  { mkfsArgs: ['-m', 'raid1c4', '-d', 'raid6'], devices: 5, tune: ['-m'], spare: 2 },
  {
    mkfsArgs: [
      '-n',
      '4096',
      '-O',
      '^extref',
      '-R',
      '^free-space-tree',
      '-m',
      'raid10',
      '-d',
      'raid1',
    ],
    devices: 2,
    mountOptions: 'space_cache=v1,thread_pool=1',
    spare: 1,
  },
  {
    mkfsArgs: ['-n', '8192', '-R', '^free-space-tree'],
    mountOptions: 'nospace_cache',
    isHigh: true,
  },
];

const BTRFS_IOC_QUOTA_CTL = 0xc010_9428;
const ENABLE_SIMPLE_QUOTA = 4n;

/** A filesystem of this shape, to send from. */
export function makeShape({ simpleQuota, tune, isHigh, ...options }: Shape): TestBtrfs {
  const made = makeBtrfs({ sizeMiB: 4096, ...options });
  if (isHigh === true) raiseNumbers(made);
  if (tune !== undefined) {
    made.unmount();
    run('btrfstune', ['-f', ...tune, made.device]);
    made.mount();
  }
  if (simpleQuota !== true) return made;
  const fd = openSync(made.dir, 'r');
  try {
    ioctl(fd, BTRFS_IOC_QUOTA_CTL, new BigUint64Array([ENABLE_SIMPLE_QUOTA, 0n]), 'QUOTA_CTL');
  } finally {
    closeSync(fd);
  }
  return made;
}
