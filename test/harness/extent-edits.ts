import * as fs from 'node:fs';
import type { Edit, Site } from './random-tree.ts';
import * as sys from './syscalls.ts';

const { O_RDWR } = fs.constants;
const O_NEW = fs.constants.O_CREAT | fs.constants.O_EXCL;
const BTRFS_IOC_DEFRAG_RANGE = 0x4030_9410;
const DEFRAG_COMPRESS = 1n;
const DEFRAG_START_IO = 2n;
const DEFRAG_BYTES = 16 * 1024 * 1024;

/** Edits that lay the same content out otherwise, sizes at the edges, and names by whiteout. */
export const extentEdits: Record<string, readonly [weight: number, edit: Edit]> = {
  whiteout: [2, whiteout],
  rotate: [2, rotate],
  edgeSize: [5, edgeSize],
  defragment: [3, (site) => within(site, (fd) => defragment(fd, site))],
  cloneWithin: [3, (site) => within(site, (fd, size) => cloneWithin(fd, size, site))],
  overPreallocated: [3, (site) => within(site, (fd) => overPreallocated(fd, site))],
  manyXattrs: [1, manyXattrs],
  fileCompression: [3, (site) => within(site, (fd) => turnCompression(fd, site))],
};

function within(site: Site, edit: (fd: number, size: number) => void): Buffer[] {
  const path = site.file();
  const fd = fs.openSync(path, O_RDWR);
  try {
    edit(fd, fs.fstatSync(fd).size);
  } finally {
    fs.closeSync(fd);
  }
  return [path];
}

/** As overlayfs renames: a device 0:0 stays where the entry was. */
function whiteout(site: Site): Buffer[] {
  const [from, to] = [site.entry(), site.place()];
  sys.renameLeavingWhiteout(from, to);
  return [from, to];
}

/** Three entries change places in a ring, within one transaction. */
function rotate(site: Site): Buffer[] {
  const [a, b, c] = [site.entry(), site.entry(), site.entry()];
  sys.exchange(a, b);
  sys.exchange(b, c);
  return [a, b, c];
}

/** Where inline files end, with a size that is cut or grown again afterwards. */
function edgeSize(site: Site): Buffer[] {
  const { random } = site;
  const isNew = random.chance(0.5);
  const path = isNew ? site.place() : site.file();
  const size = random.pick([0, 1, 2047, 2048, 2049, 3000, 4094, 4095, 4096, 4097, 8191, 8193]);
  const content = random.chance(0.5) ? random.text(size) : random.bytes(size);
  const fd = fs.openSync(path, O_RDWR | (isNew ? O_NEW : 0), 0o640);
  try {
    if (random.chance(0.5)) fs.ftruncateSync(fd, 0);
    fs.writeSync(fd, content, 0, size, 0);
    if (random.chance(0.5)) fs.fsyncSync(fd);
    if (random.chance(0.6)) {
      fs.ftruncateSync(fd, Math.max(0, size + random.pick([-4096, -1000, -1, 1, 1000, 4096])));
    }
  } finally {
    fs.closeSync(fd);
  }
  return [path];
}

/** struct btrfs_ioctl_defrag_range_args: start, len, flags, extent_thresh, compress_type. */
function defragment(fd: number, site: Site): void {
  const args = new BigUint64Array(6);
  // Of all of a file with a hole of terabytes it takes minutes.
  args[1] = BigInt(DEFRAG_BYTES);
  args[2] = DEFRAG_START_IO | (site.random.chance(0.6) ? DEFRAG_COMPRESS : 0n);
  args[3] = BigInt(site.random.between(1, 4)) << 32n;
  sys.ioctl(fd, BTRFS_IOC_DEFRAG_RANGE, args, 'DEFRAG_RANGE');
}

/** Blocks of a file to elsewhere in it; the old and the new place may be neighbours. */
function cloneWithin(fd: number, size: number, site: Site): void {
  const blocks = Math.floor(size / 4096);
  if (blocks === 0) return;
  const start = site.random.between(0, blocks);
  const count = site.random.between(1, blocks - start + 1);
  const to = site.random.chance(0.5) ? start + count : site.random.between(0, 40);
  sys.cloneRange(fd, 4096 * start, 4096 * count, fd, 4096 * to);
}

/** Space set aside of which a part is written, and a part of that punched out again. */
function overPreallocated(fd: number, site: Site): void {
  const { random } = site;
  const start = 4096 * random.between(0, 30);
  sys.fallocate(fd, random.chance(0.5) ? sys.FALLOC_KEEP_SIZE : 0, start, 65_536);
  const content = random.bytes(random.between(1, 20_000));
  const at = start + random.between(0, 40_000);
  fs.writeSync(fd, content, 0, content.length, at);
  if (random.chance(0.5)) fs.fsyncSync(fd);
  if (random.chance(0.3)) {
    sys.fallocate(fd, sys.FALLOC_PUNCH_HOLE | sys.FALLOC_KEEP_SIZE, at - (at % 4096), 4096);
  }
}

/** Some go and others come, more than one leaf of 4 KiB can hold. */
function manyXattrs(site: Site): Buffer[] {
  const path = site.random.pick([...site.files, ...site.directories]);
  for (let i = 0; i < 12; i++) {
    const name = `user.${String(site.random.between(0, 30)).padStart(200, 'x')}`;
    if (site.random.chance(0.7)) sys.setXattr(path, name, site.random.bytes(600));
    else if (sys.listXattrs(path).includes(name)) sys.removeXattr(path, name);
  }
  return [path];
}

/** What is written from then on is compressed, or not, whatever the folder and the mount say. */
function turnCompression(fd: number, site: Site): void {
  const { compress, nocompress } = sys.FileFlag;
  const others = sys.getFileFlags(fd) & ~(compress | nocompress);
  sys.setFileFlags(fd, others | site.random.pick([compress, nocompress, 0]));
}
