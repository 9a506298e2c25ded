import { conflict, corrupt, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { Inode, type Kind } from './inode.ts';
import { InodeTable, NAME } from './inode-table.ts';
import { NO_NAME, type NameTable } from './name-table.ts';
import { PagedMemory, type PagedMemoryOptions } from '../../engine/spill/paged-memory.ts';

const ROOT_NUMBER = 256;
const ROOT_MODE = 0o755;
/** The number that a tree's top has in it. */
const TOP = 0;

export interface Named {
  /** From the top, a character a byte; '' is the top. */
  readonly path: string;
  readonly inode: Inode;
}

export interface TreeOptions extends PagedMemoryOptions {
  readonly isNamesOnly?: boolean;
}

/**
 * The tree of one snapshot as its streams describe it. Names and paths are text of one
 * character a byte (latin1), so that they compare and split as bytes do. However large it is, some
 * 20 MiB of it are in memory, and five to ten bytes for each name.
 */
export class ArchiveTree {
  /** Files have their sizes, but no content and no hash. */
  readonly isNamesOnly: boolean;
  readonly top: Inode;
  /** Names below the top. */
  names = 0;
  /** Gets each path that a stream says something of. */
  watch: ((path: string) => void) | undefined;
  readonly #table: InodeTable;
  readonly #names: NameTable;
  #lastParent = '';
  #lastFolder = TOP;

  constructor({ isNamesOnly = false, ...memory }: TreeOptions = {}) {
    this.isNamesOnly = isNamesOnly;
    this.#table = new InodeTable(new PagedMemory(memory), (id) => this.inode(id));
    this.#names = this.#table.names;
    this.top = this.inode(this.#table.make('directory', ROOT_NUMBER, ROOT_MODE));
  }

  /** What was not asked for yet may be gone then. */
  close(): void {
    this.#table.close();
  }

  /** Removed ones, too, are still there. */
  inode(id: number): Inode {
    return new Inode(this.#table, id);
  }

  find(path: string): Inode | undefined {
    if (path === '') return this.top;
    const name = this.#nameAt(path);
    return name === NO_NAME ? undefined : this.inode(this.#names.inodeOf(name));
  }

  /** @throws Corrupt 'index-mismatch' */
  require(path: string): Inode {
    this.watch?.(path);
    const inode = this.find(path);
    if (inode !== undefined) return inode;
    throw mismatch(`says something of "${shown(path)}", which does not exist`);
  }

  create(path: string, kind: Kind, number: number, mode: number): Inode {
    this.watch?.(path);
    const folder = this.#roomFor(path);
    const inode = this.inode(this.#table.make(kind, number, mode));
    this.#put(folder, path, inode);
    return inode;
  }

  link(path: string, existing: string): void {
    this.watch?.(path);
    const inode = this.require(existing);
    if (inode.kind === 'directory') throw mismatch(`links the folder "${shown(existing)}"`);
    this.#put(this.#roomFor(path), path, inode);
    inode.links += 1;
  }

  rename(from: string, to: string): void {
    this.watch?.(to);
    const inode = this.require(from);
    if (inode.kind === 'directory' && (to === from || to.startsWith(`${from}/`))) {
      throw mismatch(`moves "${shown(from)}" into itself`);
    }
    const inWay = this.find(to);
    if (inWay?.id === inode.id) return;
    if (inWay !== undefined) this.#remove(to, inWay);
    this.#takeOut(from);
    this.#forget();
    this.#put(this.#roomFor(to), to, inode);
  }

  remove(path: string): void {
    this.#remove(path, this.require(path));
  }

  /** The path of a folder that is still there. */
  pathOf(folder: Inode): string {
    const parts: string[] = [];
    for (let at = folder.id; at !== TOP;) {
      const name = this.#table.get(at, NAME);
      parts.push(this.#names.textOf(name));
      at = this.#names.folderOf(name);
    }
    return parts.reverse().join('/');
  }

  /** Every name below `from`, folders before what is in them; the top itself is not among them. */
  *walk(from: Inode = this.top, path = ''): Generator<Named> {
    // By hand: a generator within a generator would hand each path up through all its folders.
    const open = [this.#folderAt(from, path)];
    for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
      const name = at.next;
      if (name === NO_NAME) {
        open.pop();
        continue;
      }
      at.next = this.#names.next(name);
      const inode = this.inode(this.#names.inodeOf(name));
      const below = at.prefix + this.#names.textOf(name);
      yield { path: below, inode };
      if (inode.kind === 'directory') open.push(this.#folderAt(inode, below));
    }
  }

  /** A folder in the middle of a walk. */
  #folderAt({ id, kind }: Inode, path: string): { readonly prefix: string; next: number } {
    const prefix = path === '' ? '' : `${path}/`;
    return { prefix, next: kind === 'directory' ? this.#table.ends(id).first : NO_NAME };
  }

  #remove(path: string, inode: Inode): void {
    const isFolder = inode.kind === 'directory';
    if (isFolder && this.#table.ends(inode.id).count > 0) {
      throw mismatch(`removes the folder "${shown(path)}", which is not empty`);
    }
    if (path === '') throw this.#noFolder(path);
    this.#takeOut(path);
    inode.links -= 1;
    if (isFolder) this.#forget();
  }

  #takeOut(path: string): void {
    if (path === '') throw this.#noFolder(path);
    this.#names.remove(this.#nameAt(path));
    this.names -= 1;
  }

  /** The folder that a new name goes into. @throws Corrupt 'index-mismatch' */
  #roomFor(path: string): number {
    const folder = path === '' ? undefined : this.#folder(parentOf(path));
    if (folder === undefined || !this.#isFolder(folder)) throw this.#noFolder(path);
    const name = lastName(path);
    if (name === '' || name === '.' || name === '..' || name.includes('\0'))
      throw mismatch(`makes "${shown(path)}", which is no name`);
    if (this.#names.find(folder, name) !== NO_NAME)
      throw mismatch(`makes "${shown(path)}" a second time`);
    return folder;
  }

  #put(folder: number, path: string, { id, kind }: Inode): void {
    const name = this.#names.add(folder, lastName(path), id);
    if (kind === 'directory') this.#table.set(id, NAME, name);
    this.names += 1;
  }

  #nameAt(path: string): number {
    const folder = this.#folder(parentOf(path));
    if (folder === undefined) return NO_NAME;
    return this.#names.find(folder, lastName(path));
  }

  /** Neighbours come one after another: the last folder is kept. */
  #folder(path: string): number | undefined {
    if (path === this.#lastParent) return this.#lastFolder;
    let folder = TOP;
    for (let start = 0; start < path.length;) {
      const slash = path.indexOf('/', start);
      const end = slash < 0 ? path.length : slash;
      const name = this.#names.find(folder, path.slice(start, end));
      if (name === NO_NAME) return undefined;
      folder = this.#names.inodeOf(name);
      start = end + 1;
    }
    this.#lastParent = path;
    this.#lastFolder = folder;
    return folder;
  }

  #isFolder(id: number): boolean {
    return this.inode(id).kind === 'directory';
  }

  #noFolder(path: string): DendroError {
    const parent = shown(parentOf(path));
    return mismatch(`puts something into "${parent}", which is no folder`);
  }

  #forget(): void {
    this.#lastParent = '';
    this.#lastFolder = TOP;
  }
}

/** The inode that a person named. @throws Conflict 'path-not-found' */
export function lookup(tree: ArchiveTree, path: string): Inode {
  const clean = cleaned(path);
  const inode = tree.find(clean);
  if (inode !== undefined) return inode;
  throw conflict(
    'path-not-found',
    say`There is no "${{ path: shown(clean) }}" in this restore point.`,
    {
      hint: 'Look with: dendro archive ls, or dendro archive find',
      place: { path: shown(clean) },
    },
  );
}

/** Without slashes at its ends. */
export function cleaned(path: string): string {
  return path.replace(/^\/+|\/+$/g, '').replace(/\/{2,}/g, '/');
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

export function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** For people. */
export function shown(path: string): string {
  return printable(textFromBytes(Buffer.from(path, 'latin1')));
}

/** The index and the stream, or the chain, do not fit together. */
export function mismatch(what: string): DendroError {
  return corrupt(
    'index-mismatch',
    say`The streams of the chain do not fit together: one ${{ what }}.`,
    {
      hint: 'See what is wrong: dendro archive verify --chain',
    },
  );
}
