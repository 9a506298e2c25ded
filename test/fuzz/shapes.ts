import type { BtrfsOptions } from '../harness/loop.ts';

/**
 * Small blocks make high trees of few files; both forms of holes; data compressed by the mount;
 * data and metadata in the same chunks; several devices; large blocks.
 */
export const shapes: readonly BtrfsOptions[] = [
  { mkfsArgs: ['-n', '4096'] },
  { mkfsArgs: ['-n', '16384'], mountOptions: 'compress-force=zstd' },
  { mkfsArgs: ['-n', '4096', '-O', '^no-holes'] },
  { mkfsArgs: ['-n', '4096'], mountOptions: 'compress=lzo' },
  { mkfsArgs: ['-M', '--csum', 'xxhash'], mountOptions: 'compress-force=zlib' },
  { mkfsArgs: ['-n', '65536', '-m', 'raid1', '-d', 'raid0'], devices: 2 },
];
