import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as layouts from '../../../main/engine/format/layouts.ts';
import { readU64, writeU64 } from '../../../main/engine/format/numbers.ts';

/** Our layout's name, the kernel's struct, and `ours: theirs` fields whose offsets must agree. */
const pairs: [keyof typeof layouts, string, Record<string, string>][] = [
  ['DEVICE_ITEM', 'btrfs_dev_item', { uuid: 'uuid', fsid: 'fsid', startOffset: 'start_offset' }],
  ['STRIPE', 'btrfs_stripe', { offset: 'offset', deviceUuid: 'dev_uuid' }],
  [
    'INODE_ITEM',
    'btrfs_inode_item',
    { mode: 'mode', rdev: 'rdev', flags: 'flags', atime: 'atime' },
  ],
  [
    'ROOT_ITEM',
    'btrfs_root_item',
    { logical: 'bytenr', level: 'level', uuid: 'uuid', rtime: 'rtime' },
  ],
  ['ROOT_REF', 'btrfs_root_ref', { nameLength: 'name_len' }],
  ['DIR_ITEM', 'btrfs_dir_item', { type: 'type', nameLength: 'name_len' }],
  ['INODE_REF', 'btrfs_inode_ref', { nameLength: 'name_len' }],
  [
    'FILE_EXTENT',
    'btrfs_file_extent_item',
    { type: 'type', diskLogical: 'disk_bytenr', length: 'num_bytes' },
  ],
  ['EXTENT_ITEM', 'btrfs_extent_item', { flags: 'flags' }],
  ['EXTENT_DATA_REF', 'btrfs_extent_data_ref', { count: 'count' }],
  ['BLOCK_GROUP_ITEM', 'btrfs_block_group_item', { flags: 'flags' }],
];
const hasHeaders =
  spawnSync('cc', ['-E', '-x', 'c', '-'], { input: '#include <linux/btrfs_tree.h>\n' }).status ===
  0;

describe.skipIf(!hasHeaders)(
  'layouts agree with linux/btrfs_tree.h (needs cc and its headers)',
  () => {
    test('sizes and offsets', () => {
      const lines = pairs.flatMap(([name, kernel, fields]) => [
        `P("${name}", sizeof(struct ${kernel}));`,
        ...Object.entries(fields).map(
          ([ours, theirs]) => `P("${name}.${ours}", offsetof(struct ${kernel}, ${theirs}));`,
        ),
      ]);
      const source = `#include <stdio.h>\n#include <linux/btrfs_tree.h>
#define P(n, v) printf("%s %zu\\n", n, (size_t)(v))
int main(void) { ${lines.join('\n')} }`;
      const dir = mkdtempSync(join(tmpdir(), 'dendro-layouts-'));
      try {
        execFileSync('cc', ['-x', 'c', '-o', join(dir, 'sizes'), '-'], { input: source });
        const theirs = execFileSync(join(dir, 'sizes'), { encoding: 'utf8' }).trim().split('\n');
        const ours = pairs.flatMap(([name, , fields]) => {
          const layout = layouts[name] as { size: number; at: Record<string, number> };
          return [
            `${name} ${layout.size}`,
            ...Object.keys(fields).map((field) => `${name}.${field} ${layout.at[field]}`),
          ];
        });
        expect(ours).toEqual(theirs);
      } finally {
        rmSync(dir, { recursive: true });
      }
    });
  },
);

test('superblock fields stand where the on-disk format page puts them', () => {
  const { at } = layouts.SUPERBLOCK;
  expect([at.magic, at.device, at.label, at.metadataUuid, at.systemChunks, at.backupRoots]).toEqual(
    [0x40, 0xc9, 0x12b, 0x23b, 0x32b, 0xb2b],
  );
});

test('64-bit numbers: round trip, negatives for special ids, refusal past 2^53', () => {
  const view = new DataView(new ArrayBuffer(8));
  for (const value of [0, 1, -1, -9, 256, 2 ** 32, 2 ** 32 - 1, 2 ** 53 - 1, -(2 ** 53)]) {
    writeU64(view, 0, value);
    expect(readU64(view, 0)).toBe(value);
    expect(view.getBigInt64(0, true)).toBe(BigInt(value));
  }
  view.setBigUint64(0, 2n ** 53n, true);
  expect(() => readU64(view, 0)).toThrow(/too large/);
});

test('a layout writes what it reads', () => {
  const view = new DataView(new ArrayBuffer(layouts.EXTENT_ITEM.size));
  const value = { references: 3, generation: 77, flags: 1n };
  layouts.EXTENT_ITEM.write(view, 0, value);
  expect(layouts.EXTENT_ITEM.read(view, 0)).toEqual(value);
});
