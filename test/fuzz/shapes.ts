import { closeSync, openSync } from 'node:fs';
import { makeBtrfs, type BtrfsOptions, type TestBtrfs } from '../harness/loop.ts';
import { ioctl } from '../harness/syscalls.ts';

export interface Shape extends BtrfsOptions {
  /** Each data extent then names its owner in the extent tree. */
  readonly simpleQuota?: boolean;
}

/**
 * Small blocks make high trees of few files; both forms of holes; data compressed by the mount;
 * data and metadata in the same chunks; several devices; large blocks; the formats and trees of
 * old filesystems, quotas of both kinds; files inline up to a sector, data without checksums.
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
  { mkfsArgs: ['-n', '4096', '-m', 'raid1c3', '-d', 'raid5'], devices: 3 },
  { mkfsArgs: ['-n', '4096'], mountOptions: 'nodatacow,flushoncommit' },
  { mkfsArgs: ['-n', '32768', '--csum', 'blake2', '-m', 'raid10', '-d', 'raid10'], devices: 4 },
  { mkfsArgs: ['-m', 'raid6', '-d', 'raid6'], devices: 4, mountOptions: 'compress=zstd' },
  { mkfsArgs: ['-n', '4096', '-s', '4096'], mountOptions: 'compress-force=zstd:15' },
  { mkfsArgs: ['-M', '-n', '4096'], mountOptions: 'max_inline=4095,notreelog' },
];

const BTRFS_IOC_QUOTA_CTL = 0xc010_9428;
const ENABLE_SIMPLE_QUOTA = 4n;

/** A filesystem of this shape, to send from. */
export function makeShape({ simpleQuota, ...options }: Shape): TestBtrfs {
  const made = makeBtrfs({ sizeMiB: 4096, ...options });
  if (simpleQuota !== true) return made;
  const fd = openSync(made.dir, 'r');
  try {
    ioctl(fd, BTRFS_IOC_QUOTA_CTL, new BigUint64Array([ENABLE_SIMPLE_QUOTA, 0n]), 'QUOTA_CTL');
  } finally {
    closeSync(fd);
  }
  return made;
}
