import * as fs from 'node:fs';
import { compressed, extents, flags, shared } from './fill-data.ts';
import { Random } from './random.ts';
import * as sys from './syscalls.ts';

export interface FillOptions {
  /** Default 1. The same seed fills the same tree. */
  readonly seed?: number;
  /** Instead of a seed. */
  readonly random?: Random;
  /** Ordinary small files besides the special ones. Default 200. */
  readonly files?: number;
}

/**
 * Fills a directory on btrfs, as root, with every kind of thing that a snapshot can hold. What
 * is special lies in a folder that carries its name; `tree/` holds ordinary files.
 */
export function fillTree(top: string, options: FillOptions = {}): void {
  const random = options.random ?? new Random(options.seed ?? 1);
  const parts: Record<string, (dir: string, random: Random) => void> = {
    names,
    properties,
    attributes,
    special,
    links,
    extents,
    compressed,
    shared,
    flags,
    tree: (dir) => ordinary(dir, random, options.files ?? 200),
  };
  for (const [name, part] of Object.entries(parts)) {
    const dir = `${top}/${name}`;
    fs.mkdirSync(dir);
    part(dir, random);
    sys.setTimes(dir, 1_111_111_111_000_000_001n, 1_222_222_222_123_456_789n);
  }
}

function names(dir: string): void {
  const all = [
    Buffer.from('space and \n line feed'),
    Buffer.from('-rf'),
    Buffer.from('"quotes\' $(x) `y` \\'),
    Buffer.from('Grüße 木 🌳'),
    Buffer.from([0xff, 0xfe, 0x80, 0x01]),
    Buffer.alloc(255, 'n'),
    Buffer.alloc(255, 0xe9),
  ];
  for (const name of all) fs.writeFileSync(sys.joinPath(dir, name), name);
  let deep = dir;
  for (let level = 0; level < 12; level++) {
    deep = `${deep}/${`level-${level}-`.repeat(10)}`;
    fs.mkdirSync(deep);
  }
  fs.writeFileSync(`${deep}/bottom`, 'deep');
  fs.mkdirSync(`${dir}/empty`);
}

function properties(dir: string): void {
  for (const mode of [0, 0o400, 0o644, 0o755, 0o1777, 0o2755, 0o4755, 0o6711]) {
    const file = `${dir}/mode-${mode.toString(8)}`;
    fs.writeFileSync(file, 'mode');
    fs.chownSync(file, 1000 + mode, 65_534);
    fs.chmodSync(file, mode);
    fs.mkdirSync(`${file}.d`);
    fs.chownSync(`${file}.d`, 4_000_000_000, 1);
    fs.chmodSync(`${file}.d`, mode);
  }
  const times = [0n, 1n, -1_500_000_000n, 1_700_000_000_999_999_999n, 8_000_000_000_000_000_001n];
  for (const time of times) {
    const file = `${dir}/time-${time}`;
    fs.writeFileSync(file, 'time');
    sys.setTimes(file, time, time);
  }
}

function attributes(dir: string, random: Random): void {
  const file = `${dir}/many`;
  fs.writeFileSync(file, 'xattrs');
  sys.setXattr(file, 'user.empty', Buffer.alloc(0));
  sys.setXattr(file, 'user.bytes', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)));
  sys.setXattr(file, 'user.long', random.bytes(3500));
  sys.setXattr(file, 'trusted.dendro', Buffer.from('trusted'));
  for (let index = 0; index < 40; index++) {
    sys.setXattr(file, `user.n${index}`, random.bytes(random.between(0, 60)));
  }
  fs.writeFileSync(`${dir}/acl`, 'acl');
  sys.setXattr(`${dir}/acl`, 'system.posix_acl_access', acl(1001, 6));
  fs.mkdirSync(`${dir}/default-acl`);
  sys.setXattr(`${dir}/default-acl`, 'system.posix_acl_default', acl(1002, 5));
  fs.writeFileSync(`${dir}/default-acl/inherits`, 'acl');
  fs.writeFileSync(`${dir}/capable`, '#!/bin/true');
  fs.chownSync(`${dir}/capable`, 1000, 1000);
  fs.chmodSync(`${dir}/capable`, 0o755);
  sys.setXattr(`${dir}/capable`, 'security.capability', netRawCapability());
  fs.symlinkSync('nowhere', `${dir}/link`);
  sys.setXattr(`${dir}/link`, 'trusted.on-a-link', Buffer.from('yes'));
  sys.setXattr(dir, 'user.directory', Buffer.from('yes'));
}

/** posix_acl_xattr: owner, one named user, group, mask, others. */
export function acl(user: number, permissions: number): Buffer {
  const none = 0xffff_ffff;
  const entries = [
    [0x01, 6, none],
    [0x02, permissions, user],
    [0x04, 4, none],
    [0x10, 7, none],
    [0x20, 0, none],
  ] as const;
  const value = Buffer.alloc(4 + 8 * entries.length);
  value.writeUInt32LE(2, 0);
  entries.forEach(([tag, perm, id], index) => {
    value.writeUInt16LE(tag, 4 + 8 * index);
    value.writeUInt16LE(perm, 6 + 8 * index);
    value.writeUInt32LE(id, 8 + 8 * index);
  });
  return value;
}

/** vfs_cap_data, revision 2: cap_net_raw, effective and permitted. */
export function netRawCapability(): Buffer {
  const value = Buffer.alloc(20);
  value.writeUInt32LE(0x0200_0001, 0);
  value.writeUInt32LE(1 << 13, 4);
  return value;
}

function special(dir: string): void {
  sys.mknod(`${dir}/fifo`, 0o10640);
  sys.mknod(`${dir}/socket`, 0o140755);
  sys.mknod(`${dir}/null`, 0o20666, sys.makeDevice(1, 3));
  sys.mknod(`${dir}/big-character`, 0o20600, sys.makeDevice(4095, 1_048_575));
  sys.mknod(`${dir}/block`, 0o60660, sys.makeDevice(8, 17));
  fs.symlinkSync('../tree', `${dir}/symlink`);
  fs.symlinkSync('x'.repeat(3000), `${dir}/long-symlink`);
  fs.symlinkSync(Buffer.from([0xff, 0x2f, 0xfe]), `${dir}/symlink-of-bytes`);
  fs.lchownSync(`${dir}/symlink`, 12, 34);
  sys.setTimes(`${dir}/symlink`, 5n, 1_500_000_000_000_000_005n);
}

function links(dir: string): void {
  fs.writeFileSync(`${dir}/one`, 'one');
  fs.mkdirSync(`${dir}/other`);
  fs.linkSync(`${dir}/one`, `${dir}/two`);
  fs.linkSync(`${dir}/one`, `${dir}/other/three`);
  fs.symlinkSync('one', `${dir}/symlink`);
  fs.linkSync(`${dir}/symlink`, `${dir}/other/symlink`);
  fs.writeFileSync(`${dir}/hub`, 'more links than one item holds');
  // A name of 250 bytes: some sixteen fill the item of a 4 KiB leaf, the rest are extended refs.
  for (let index = 0; index < 100; index++) {
    fs.linkSync(`${dir}/hub`, `${dir}/other/${String(index).padStart(250, 'h')}`);
  }
}

/** Files of many sizes in a few levels of folders. */
function ordinary(dir: string, random: Random, count: number): void {
  const folders = [dir];
  for (let index = 0; index < Math.ceil(count / 20); index++) {
    const folder = `${random.pick(folders)}/folder-${index}`;
    fs.mkdirSync(folder);
    folders.push(folder);
  }
  for (let index = 0; index < count; index++) {
    const size = random.chance(0.9) ? random.between(0, 10_000) : random.between(10_000, 400_000);
    const file = `${random.pick(folders)}/file-${index}`;
    fs.writeFileSync(file, random.chance(0.5) ? random.text(size) : random.bytes(size));
    if (random.chance(0.1)) sys.setXattr(file, 'user.note', random.text(random.between(1, 100)));
  }
}
