import * as fs from 'node:fs';
import type { Edit, Site } from './random-tree.ts';
import { acl } from './fill.ts';
import * as sys from './syscalls.ts';

/** Edits that leave the names as they are, or make a file with content. */
export const contentEdits: Record<string, readonly [weight: number, edit: Edit]> = {
  create: [16, create],
  write: [8, (site) => within(site, write)],
  append: [3, (site) => within(site, append)],
  truncate: [5, (site) => within(site, truncate)],
  punch: [3, (site) => within(site, (fd, { random }) => punch(fd, site, random.chance(0.5)))],
  preallocate: [2, (site) => within(site, preallocate)],
  reflink: [5, reflink],
  flush: [3, (site) => within(site, (fd) => fs.fsyncSync(fd))],
  setXattr: [4, setXattr],
  removeXattr: [2, removeXattr],
  acl: [1, setAcl],
  chmod: [4, chmod],
  chown: [3, chown],
  times: [3, times],
  fileFlags: [1, (site) => within(site, toggleFlags)],
};

const xattrNames = ['user.a', 'user.b', 'user.longer-name', 'trusted.c'];

/** Sizes around the limits that matter: inline, a block, several extents. */
function length(site: Site): number {
  const { random } = site;
  if (random.chance(0.4)) return random.between(0, 4096);
  if (random.chance(0.7)) return 4096 * random.between(1, 8) + random.pick([0, 0, 1, -1, 100]);
  return random.between(20_000, 400_000);
}

function offset(site: Site, size: number): number {
  const anywhere = site.random.between(0, size + 20_000);
  return site.random.chance(0.6) ? anywhere - (anywhere % 4096) : anywhere;
}

function data(site: Site): Buffer {
  return site.random.chance(0.5) ? site.random.text(length(site)) : site.random.bytes(length(site));
}

function create(site: Site): Buffer[] {
  const path = site.place();
  fs.writeFileSync(path, data(site), { flag: 'wx' });
  return [path];
}

function within(site: Site, edit: (fd: number, site: Site, size: number) => void): Buffer[] {
  const path = site.file();
  withOpen(path, fs.constants.O_RDWR, (fd) => edit(fd, site, fs.fstatSync(fd).size));
  return [path];
}

function withOpen(path: Buffer, flags: number, body: (fd: number) => void): void {
  const fd = fs.openSync(path, flags, 0o644);
  try {
    body(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function write(fd: number, site: Site, size: number): void {
  const content = data(site);
  fs.writeSync(fd, content, 0, content.length, offset(site, size));
}

function append(fd: number, site: Site, size: number): void {
  const content = data(site);
  fs.writeSync(fd, content, 0, content.length, size);
}

function truncate(fd: number, site: Site, size: number): void {
  const sizes = [0, Math.floor(size / 2), size - 1, size + 1, size + 100_000, length(site)];
  fs.ftruncateSync(fd, Math.max(0, site.random.pick(sizes)));
}

function punch(fd: number, site: Site, aligned: boolean): void {
  const start = offset(site, 60_000);
  const mode = sys.FALLOC_PUNCH_HOLE | sys.FALLOC_KEEP_SIZE;
  sys.fallocate(fd, mode, aligned ? start - (start % 4096) : start, aligned ? 8192 : 5000);
}

function preallocate(fd: number, site: Site, size: number): void {
  const mode = site.random.chance(0.5) ? sys.FALLOC_KEEP_SIZE : 0;
  sys.fallocate(fd, mode, offset(site, size), 1 + length(site));
}

/** Whole blocks of one file into another or into itself; the rest of the file up to its end. */
function reflink(site: Site): Buffer[] {
  const [source, target] = [site.file(), site.random.chance(0.5) ? site.file() : site.place()];
  withOpen(source, fs.constants.O_RDONLY, (from) =>
    withOpen(target, fs.constants.O_RDWR | fs.constants.O_CREAT, (to) => {
      const blocks = Math.floor(fs.fstatSync(from).size / 4096);
      const start = 4096 * site.random.between(0, Math.max(1, blocks));
      const whole = site.random.chance(0.5) || blocks * 4096 <= start;
      const bytes = whole ? 0 : 4096 * site.random.between(1, blocks - start / 4096 + 1);
      sys.cloneRange(from, start, bytes, to, 4096 * site.random.between(0, 12));
    }),
  );
  return [source, target];
}

function setXattr(site: Site): Buffer[] {
  const path = site.random.chance(0.9) ? site.file() : site.random.pick(site.directories);
  const value = site.random.bytes(site.random.pick([0, 1, 20, 300, 3000]));
  sys.setXattr(path, site.random.pick(xattrNames), value);
  return [path];
}

function removeXattr(site: Site): Buffer[] {
  const path = site.file();
  sys.removeXattr(path, site.random.pick(xattrNames));
  return [path];
}

function setAcl(site: Site): Buffer[] {
  const path = site.random.pick([...site.files, ...site.directories]);
  const isDirectory = fs.lstatSync(path).isDirectory();
  const kind = isDirectory && site.random.chance(0.5) ? 'default' : 'access';
  const user = site.random.between(1, 5000);
  sys.setXattr(path, `system.posix_acl_${kind}`, acl(user, site.random.between(0, 8)));
  return [path];
}

/** Never through a link, which may lead out of the tree. */
function chmod(site: Site): Buffer[] {
  const path = site.random.pick([...site.files, ...site.directories]);
  fs.chmodSync(path, site.random.pick([0o600, 0o644, 0o755, 0o1777, 0o2755, 0o4755, 0]));
  return [path];
}

function chown(site: Site): Buffer[] {
  const path = site.entry();
  const owner = (): number => site.random.pick([0, 1, 2, 65_536, 2 ** 31, 2 ** 32 - 2]);
  fs.lchownSync(path, owner(), owner());
  return [path];
}

function times(site: Site): Buffer[] {
  const path = site.entry();
  const random = () => BigInt(site.random.between(0, 2 ** 31)) * 1_000_000_007n;
  sys.setTimes(path, random(), random());
  return [path];
}

function toggleFlags(fd: number, site: Site): void {
  const choice = [sys.FileFlag.nodump, sys.FileFlag.noatime, sys.FileFlag.sync];
  sys.setFileFlags(fd, sys.getFileFlags(fd) ^ site.random.pick(choice));
}
