import * as fs from 'node:fs';
import koffi from 'koffi';
import type { Edit, Site } from './random-tree.ts';
import * as sys from './syscalls.ts';

const libc = koffi.load('libc.so.6');
const mmap = libc.func('void *mmap(void *, size_t, int, int, int, int64_t)');
const munmap = libc.func('int munmap(void *, size_t)');

const { O_RDWR, O_DIRECT } = fs.constants;
const BLOCK = 4096;
const [PROT_READ_WRITE, MAP_SHARED, MAP_PRIVATE_ANONYMOUS] = [3, 1, 0x22];

/** Writes that go other ways into a file than write(2) through the page cache. */
export const memoryEdits: Record<string, readonly [weight: number, edit: Edit]> = {
  mapped: [3, (site) => within(site, O_RDWR, (fd, size) => writeMapped(fd, size, site))],
  direct: [3, (site) => within(site, O_RDWR | O_DIRECT, (fd, size) => writeDirect(fd, size, site))],
  oddSize: [3, (site) => within(site, O_RDWR, (fd, size) => cutOddly(fd, size, site))],
};

function within(site: Site, flags: number, edit: (fd: number, size: number) => void): Buffer[] {
  const path = site.file();
  const fd = fs.openSync(path, flags);
  try {
    edit(fd, fs.fstatSync(fd).size);
  } finally {
    fs.closeSync(fd);
  }
  return [path];
}

/** Whole pages, so behind the end of the file as well: the kernel must not keep that. */
function writeMapped(fd: number, size: number, site: Site): void {
  const { random } = site;
  const pages = Math.ceil(size / BLOCK);
  if (pages === 0) return;
  const first = random.between(0, pages);
  const length = BLOCK * random.between(1, Math.min(16, pages - first) + 1);
  const at = map(length, MAP_SHARED, fd, first * BLOCK);
  try {
    new Uint8Array(koffi.view(at, length)).set(random.bytes(length));
  } finally {
    munmap(at, length);
  }
}

function map(length: number, flags: number, fd: number, offset: number): unknown {
  const at: unknown = mmap(null, length, PROT_READ_WRITE, flags, fd, offset);
  if (koffi.address(at) === 2n ** 64n - 1n) throw new sys.SyscallFailed('mmap', `fd ${fd}`);
  return at;
}

const MAX_BLOCKS = 32;
let direct: Uint8Array | undefined;

/** As O_DIRECT wants it, for one write each. */
function alignedMemory(): Uint8Array {
  const length = BLOCK * MAX_BLOCKS;
  direct ??= new Uint8Array(koffi.view(map(length, MAP_PRIVATE_ANONYMOUS, -1, 0), length));
  return direct;
}

/** Blocks inside the file, across its end or behind it; then perhaps cut within the last one. */
function writeDirect(fd: number, size: number, site: Site): void {
  const { random } = site;
  const length = BLOCK * random.between(1, MAX_BLOCKS + 1);
  const content = random.chance(0.3) ? random.text(length) : random.bytes(length);
  const aligned = alignedMemory();
  aligned.set(content);
  const at = BLOCK * random.between(0, Math.ceil(size / BLOCK) + 3);
  fs.writeSync(fd, aligned, 0, length, at);
  if (random.chance(0.4)) fs.ftruncateSync(fd, at + length - random.between(1, BLOCK));
}

/** Cut or grown by a few bytes, twice or thrice in one transaction or over several. */
function cutOddly(fd: number, size: number, site: Site): void {
  const { random } = site;
  for (let times = random.between(1, 4), now = size; times > 0; times--) {
    now = Math.max(0, now + random.between(-9000, 9000));
    fs.ftruncateSync(fd, now);
    if (random.chance(0.3)) fs.fsyncSync(fd);
    if (random.chance(0.3)) fs.writeSync(fd, 'x', Math.max(0, now + random.between(-3000, 3000)));
  }
}
