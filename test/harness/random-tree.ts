import * as fs from 'node:fs';
import { contentEdits } from './random-content.ts';
import { Random } from './random.ts';
import * as sys from './syscalls.ts';

export interface EditOptions {
  /** Unmounts and mounts again: the kernel then gives out the highest inode numbers anew. */
  readonly remount?: () => void;
}

/**
 * A tree below a directory on btrfs that changes at random, the same way for the same seed:
 * every kind of file, few names so that they are used again and again, renames of all sorts.
 */
export class RandomTree {
  readonly #top: Buffer;
  readonly #random: Random;
  readonly #edits: readonly (readonly [name: string, edit: Edit])[];

  /** @param more edits besides its own. */
  constructor(
    top: sys.Path,
    seed: number | Random,
    more: Record<string, readonly [weight: number, edit: Edit]> = {},
  ) {
    this.#top = sys.bytes(top);
    this.#edits = [...weighted, ...spread(more)];
    this.#random = typeof seed === 'number' ? new Random(seed) : seed;
  }

  /** Does so many edits and returns what was done, a line each. */
  edit(count: number, options: EditOptions = {}): string[] {
    const log: string[] = [];
    if (options.remount !== undefined && this.#random.chance(0.3)) {
      log.push(reuseNumbers(this.#site(), options.remount));
    }
    for (let index = 0; index < count; index++) log.push(this.#editOnce());
    return log;
  }

  #editOnce(): string {
    const [name, edit] = this.#random.pick(this.#edits);
    const site = this.#site();
    try {
      return `${name} ${edit(site)
        .map((path) => this.#show(path))
        .join(' ')}`;
    } catch (error) {
      // An edit may ask for what the kernel refuses: a directory into itself, a name in use.
      const { code } = error as { code?: string };
      if (code === undefined || !refusals.has(code)) throw error;
      return `${name}: ${code}`;
    }
  }

  #site(): Site {
    return new Site(this.#top, this.#random);
  }

  #show(path: Buffer): string {
    return sys.showPath(path.subarray(this.#top.length + 1));
  }
}

/** What there is at the moment of an edit, and the choices to be made. */
export class Site {
  readonly random: Random;
  readonly directories: readonly Buffer[];
  readonly files: readonly Buffer[];
  /** Everything but the top, directories included. */
  readonly entries: readonly Buffer[];

  constructor(top: Buffer, random: Random) {
    this.random = random;
    const [directories, files, entries] = [[top], [] as Buffer[], [] as Buffer[]];
    for (let next = 0; next < directories.length; next++) {
      const directory = directories[next]!;
      const found = fs.readdirSync(directory, { encoding: 'buffer', withFileTypes: true });
      for (const entry of found.sort((a, b) => Buffer.compare(a.name, b.name))) {
        const path = sys.joinPath(directory, entry.name);
        if (entry.isDirectory() && isStub(path)) continue;
        entries.push(path);
        if (entry.isDirectory()) directories.push(path);
        if (entry.isFile()) files.push(path);
      }
    }
    [this.directories, this.files, this.entries] = [directories, files, entries];
  }

  /** A name in some directory, which may be in use. */
  place(): Buffer {
    const long = this.random.chance(0.03);
    const name = long ? Buffer.alloc(255, this.random.pick(names)) : this.random.pick(names);
    return sys.joinPath(this.random.pick(this.directories), name);
  }

  entry(): Buffer {
    return this.some(this.entries);
  }

  file(): Buffer {
    return this.some(this.files);
  }

  /** One of these. */
  some(list: readonly Buffer[]): Buffer {
    if (list.length === 0) throw Object.assign(new Error('nothing there yet'), { code: 'ENOENT' });
    return this.random.pick(list);
  }
}

/**
 * The stand-in of a nested subvolume in a snapshot. Linux 6.18 turns the filesystem read-only
 * when one is exchanged with something else.
 */
function isStub(path: Buffer): boolean {
  const status = fs.lstatSync(path, { throwIfNoEntry: false });
  return status === undefined || status.ino === STUB_INODE;
}

const STUB_INODE = 2;

/** Returns the paths it was about, for the log. */
export type Edit = (site: Site) => Buffer[];

const names = [
  ...Array.from('abcdefgh', (name) => Buffer.from(name)),
  Buffer.from([0xff]),
  Buffer.from('o257-9-0'),
  Buffer.from('木'),
  Buffer.from('-\\\n'),
];

const refusals = new Set([
  ...['EEXIST', 'ENOTEMPTY', 'EINVAL', 'EISDIR', 'ENOTDIR', 'ENOENT', 'EPERM'],
  ...[
    'ENODATA',
    'EMLINK',
    'ENAMETOOLONG',
    'ERR_FS_EISDIR',
    'EOPNOTSUPP',
    'ETXTBSY',
    'ENXIO',
    'ELOOP',
  ],
  // Of nested subvolumes, their empty stand-ins, sealed files and items that are full.
  ...['EXDEV', 'EACCES', 'ENOTSUP', 'ERANGE', 'E2BIG', 'ENOSPC', 'EFBIG', 'EBADF', 'ENOTTY'],
  // Of a device that is none or a port without a plug, and of defragmenting what the kernel is busy with.
  ...['ENODEV', 'EIO', 'EWOULDBLOCK'],
]);

const nameEdits: Record<string, readonly [weight: number, edit: Edit]> = {
  mkdir: [12, (site) => at(site, (path) => fs.mkdirSync(path))],
  symlink: [2, (site) => at(site, (path) => fs.symlinkSync(site.random.pick(names), path))],
  fifo: [1, (site) => at(site, (path) => sys.mknod(path, 0o10640))],
  socket: [1, (site) => at(site, (path) => sys.mknod(path, 0o140644))],
  device: [
    1,
    (site) =>
      at(site, (path) =>
        sys.mknod(path, 0o20600, sys.makeDevice(site.random.between(0, 300), 70_000)),
      ),
  ],
  link: [5, (site) => fromTo(site, (from, to) => fs.linkSync(from, to))],
  rename: [12, (site) => fromTo(site, (from, to) => fs.renameSync(from, to))],
  swap: [
    4,
    (site) => {
      const [first, second] = [site.entry(), site.entry()];
      sys.exchange(first, second);
      return [first, second];
    },
  ],
  unlink: [3, (site) => on(site.entry(), (path) => fs.unlinkSync(path))],
  rmdir: [2, (site) => on(site.entry(), (path) => fs.rmdirSync(path))],
  removeTree: [
    1,
    (site) => on(site.entry(), (path) => fs.rmSync(path, { recursive: true, force: true })),
  ],
  becomeOther: [2, becomeOther],
};

const weighted = spread({ ...nameEdits, ...contentEdits });

/** Each as often as it weighs. */
function spread(edits: Record<string, readonly [weight: number, edit: Edit]>) {
  return Object.entries(edits).flatMap(([name, [weight, edit]]) =>
    Array.from({ length: weight }, () => [name, edit] as const),
  );
}

function at(site: Site, make: (path: Buffer) => void): Buffer[] {
  return on(site.place(), make);
}

function on(path: Buffer, act: (path: Buffer) => void): Buffer[] {
  act(path);
  return [path];
}

function fromTo(site: Site, act: (from: Buffer, to: Buffer) => void): Buffer[] {
  const [from, to] = [site.entry(), site.place()];
  act(from, to);
  return [from, to];
}

/** The same name, another type. */
function becomeOther(site: Site): Buffer[] {
  const path = site.entry();
  const wasDirectory = fs.lstatSync(path).isDirectory();
  fs.rmSync(path, { recursive: true, force: true });
  if (wasDirectory) fs.writeFileSync(path, 'was a directory');
  else fs.mkdirSync(path);
  return [path];
}

/** Removes the newest inodes and makes others, which after the remount get the same numbers. */
function reuseNumbers(site: Site, remount: () => void): string {
  const number = (path: Buffer) => fs.lstatSync(path).ino;
  const newest = [...site.entries].sort((a, b) => number(b) - number(a)).slice(0, 4);
  const freed = newest.flatMap((path) => {
    const removed = fs.lstatSync(path, { throwIfNoEntry: false });
    return removeAll(path) ? [{ path, wasDirectory: removed?.isDirectory() ?? false }] : [];
  });
  remount();
  for (const { path, wasDirectory } of freed.reverse()) {
    const parent = path.subarray(0, path.lastIndexOf('/'));
    if (!fs.statSync(parent, { throwIfNoEntry: false })?.isDirectory()) continue;
    remake(path, wasDirectory);
  }
  return `reuse the numbers of ${freed.length}`;
}

/** False: something in it is sealed. */
function removeAll(path: Buffer): boolean {
  return unlessRefused(() => fs.rmSync(path, { recursive: true, force: true }));
}

/** As another type; not in a sealed directory. */
function remake(path: Buffer, wasDirectory: boolean): void {
  unlessRefused(() => {
    if (wasDirectory) fs.writeFileSync(path, 'made anew');
    else fs.mkdirSync(path);
  });
}

function unlessRefused(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!refusals.has((error as { code?: string }).code ?? '')) throw error;
    return false;
  }
}
