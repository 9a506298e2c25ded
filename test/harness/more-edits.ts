import * as fs from 'node:fs';
import { netRawCapability } from './fill.ts';
import type { Edit, Site } from './random-tree.ts';
import * as sys from './syscalls.ts';

const { O_RDONLY, O_RDWR } = fs.constants;
const O_TMPFILE = 0o20200000;
const FALLOC_ZERO_RANGE = 0x10;
const TERA = 2 ** 40;
const SEALS = sys.FileFlag.immutable | sys.FileFlag.append;

/** Files kept open without a name: snapshots then hold inodes without links. */
export class HeldFiles {
  readonly #fds: number[] = [];

  hold(fd: number): void {
    this.#fds.push(fd);
  }

  take(site: Site): number | undefined {
    const at = site.random.between(0, this.#fds.length);
    return this.#fds.splice(at, 1)[0];
  }

  close(): void {
    for (const fd of this.#fds.splice(0)) fs.closeSync(fd);
  }
}

/** Edits beyond `RandomTree`'s own: rarer things, and some that stop others (seals, full items). */
export function moreEdits(held: HeldFiles): Record<string, readonly [weight: number, edit: Edit]> {
  return {
    capability: [2, (site) => on(site.file(), setCapability)],
    subvolume: [2, (site) => on(site.place(), sys.createSubvolume)],
    directoryFlags: [2, (site) => on(site.random.pick(site.directories), flagDirectory(site))],
    property: [2, setProperty],
    seal: [2, (site) => on(entryOf(site), (path) => seal(path, site))],
    replaceSealed: [3, replaceSealed],
    unseal: [4, (site) => on(entryOf(site), (path) => setFlags(path, () => 0))],
    noCow: [2, (site) => on(site.place(), (path) => makeNoCow(path, site))],
    noCowAgain: [1, (site) => on(site.file(), turnCow)],
    dedupe: [3, dedupe],
    zeroRange: [2, (site) => on(site.file(), (path) => zeroRange(path, site))],
    largeXattr: [1, (site) => on(site.entry(), (path) => largeXattr(path, site))],
    topProperties: [2, (site) => on(site.directories[0]!, (path) => properties(path, site))],
    manyLinks: [1, manyLinks],
    vast: [1, (site) => on(site.file(), (path) => makeVast(path, site))],
    orphan: [2, (site) => on(site.file(), (path) => orphan(path, held))],
    temporary: [1, (site) => on(site.random.pick(site.directories), (path) => temp(path, held))],
    named: [2, (site) => on(site.place(), (path) => nameHeld(path, site, held))],
  };
}

function on(path: Buffer, act: (path: Buffer) => void): Buffer[] {
  act(path);
  return [path];
}

function entryOf(site: Site): Buffer {
  return site.some([...site.files, ...site.directories.slice(1)]);
}

function withOpen(path: Buffer, flags: number, body: (fd: number) => void): void {
  const fd = fs.openSync(path, flags, 0o640);
  try {
    body(fd);
  } finally {
    fs.closeSync(fd);
  }
}

function setFlags(path: Buffer, change: (flags: number) => number): void {
  withOpen(path, O_RDONLY, (fd) => sys.setFileFlags(fd, change(sys.getFileFlags(fd))));
}

function setCapability(path: Buffer): void {
  sys.setXattr(path, 'security.capability', netRawCapability());
}

const flagDirectory =
  (site: Site) =>
  (path: Buffer): void => {
    const { compress, nocow, dirsync, nodump, noatime } = sys.FileFlag;
    const flag = site.random.pick([compress, nocow, dirsync, nodump, noatime]);
    setFlags(path, (flags) => flags ^ flag);
  };

function setProperty(site: Site): Buffer[] {
  const path = site.random.pick([...site.files, ...site.directories]);
  const value = Buffer.from(site.random.pick(['zlib', 'lzo', 'zstd', 'none']));
  return on(path, () => sys.setXattr(path, 'btrfs.compression', value));
}

function seal(path: Buffer, site: Site): void {
  const flag = site.random.pick([sys.FileFlag.immutable, sys.FileFlag.append]);
  setFlags(path, (flags) => flags | flag);
}

/**
 * A sealed directory is moved away, or removed, and another takes its name with something in it;
 * where there is none, one is sealed for the next time.
 */
function replaceSealed(site: Site): Buffer[] {
  const { random } = site;
  const below = site.directories.slice(1);
  const sealed = below.filter((path) => (flagsOf(path) & SEALS) !== 0);
  if (sealed.length === 0 || random.chance(0.3)) {
    return on(site.some(below), (path) => seal(path, site));
  }
  const path = random.pick(sealed);
  setFlags(path, (flags) => flags & ~SEALS);
  if (random.chance(0.2)) fs.rmSync(path, { recursive: true });
  else fs.renameSync(path, site.place());
  fs.mkdirSync(path);
  fs.writeFileSync(sys.joinPath(path, 'inside'), random.bytes(random.between(0, 3000)));
  if (random.chance(0.4)) seal(path, site);
  return [path];
}

function flagsOf(path: Buffer): number {
  let flags = 0;
  withOpen(path, O_RDONLY, (fd) => (flags = sys.getFileFlags(fd)));
  return flags;
}

function makeNoCow(path: Buffer, site: Site): void {
  withOpen(path, O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL, (fd) => {
    sys.setFileFlags(fd, sys.FileFlag.nocow);
    fs.writeSync(fd, site.random.bytes(site.random.between(0, 60_000)));
  });
}

/** Only an empty file can change it. */
function turnCow(path: Buffer): void {
  withOpen(path, O_RDWR, (fd) => {
    fs.ftruncateSync(fd, 0);
    sys.setFileFlags(fd, sys.getFileFlags(fd) ^ sys.FileFlag.nocow);
    fs.writeSync(fd, 'written after the flag was changed');
  });
}

/** Copies whole blocks, and makes the kernel share them. */
function dedupe(site: Site): Buffer[] {
  const [from, to] = [site.file(), site.file()];
  withOpen(from, O_RDONLY, (source) =>
    withOpen(to, O_RDWR, (target) => {
      const length = 4096 * site.random.between(1, 6);
      const [at, dest] = [4096 * site.random.between(0, 6), 4096 * site.random.between(0, 8)];
      const block = Buffer.alloc(length);
      if (fs.readSync(source, block, 0, length, at) < length) return;
      fs.writeSync(target, block, 0, length, dest);
      fs.fsyncSync(source);
      fs.fsyncSync(target);
      sys.dedupeRange(source, at, length, target, dest);
    }),
  );
  return [from, to];
}

function zeroRange(path: Buffer, site: Site): void {
  withOpen(path, O_RDWR, (fd) => {
    const keep = site.random.chance(0.5) ? sys.FALLOC_KEEP_SIZE : 0;
    const [start, length] = [site.random.between(0, 70_000), site.random.between(1, 50_000)];
    sys.fallocate(fd, FALLOC_ZERO_RANGE | keep, start, length);
  });
}

/** As large as a leaf of 4 KiB or of 16 KiB can take. */
function largeXattr(path: Buffer, site: Site): void {
  const value = site.random.bytes(site.random.pick([3700, 3800, 15_900, 16_080]));
  sys.setXattr(path, 'trusted.large', value);
}

function properties(path: Buffer, site: Site): void {
  const { random } = site;
  if (random.chance(0.5)) fs.chmodSync(path, random.pick([0o700, 0o755, 0o2775, 0o1777]));
  if (random.chance(0.5)) fs.chownSync(path, random.between(0, 3), random.between(0, 3));
  if (random.chance(0.5)) sys.setXattr(path, 'user.top', random.bytes(10));
  if (random.chance(0.5)) sys.setTimes(path, 5n, BigInt(random.between(0, 2 ** 31)));
}

/** More than fit one item of a small leaf. */
function manyLinks(site: Site): Buffer[] {
  const [path, directory] = [site.file(), site.random.pick(site.directories)];
  for (let i = 0; i < 24; i++) {
    const name = String(site.random.between(0, 40)).padStart(220, 'l');
    const to = sys.joinPath(directory, name);
    if (fs.lstatSync(to, { throwIfNoEntry: false }) === undefined) fs.linkSync(path, to);
  }
  return [path, directory];
}

/** Terabytes or petabytes, nearly all of them hole; later edits may double it, and 8 PiB is the limit. */
function makeVast(path: Buffer, site: Site): void {
  withOpen(path, O_RDWR, (fd) => {
    const unit = site.random.pick([TERA, TERA, 1024 * TERA]);
    const end = site.random.between(1, unit === TERA ? 8 : 4) * unit + site.random.between(0, 8192);
    if (site.random.chance(0.5)) fs.ftruncateSync(fd, end);
    else fs.writeSync(fd, site.random.bytes(5000), 0, 5000, end);
  });
}

function orphan(path: Buffer, held: HeldFiles): void {
  held.hold(fs.openSync(path, O_RDWR));
  fs.unlinkSync(path);
}

function temp(directory: Buffer, held: HeldFiles): void {
  const fd = fs.openSync(directory, O_TMPFILE | O_RDWR, 0o600);
  fs.writeSync(fd, 'made without a name');
  held.hold(fd);
}

/** A file without a name gets one; the kernel allows it for those that never had one. */
function nameHeld(path: Buffer, site: Site, held: HeldFiles): void {
  const fd = held.take(site);
  if (fd === undefined) return;
  try {
    sys.linkOpenFile(fd, path);
  } finally {
    fs.closeSync(fd);
  }
}
