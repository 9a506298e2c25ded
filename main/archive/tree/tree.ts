import { conflict, corrupt, type DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { Inode, type Kind } from './inode.ts';

const ROOT_NUMBER = 256;
const ROOT_MODE = 0o755;

export interface Named {
  /** From the top, a character a byte; '' is the top. */
  readonly path: string;
  readonly inode: Inode;
}

/**
 * The tree of one snapshot as its streams describe it. Names and paths are text of one
 * character a byte (latin1), so that they compare and split as bytes do.
 */
export class ArchiveTree {
  /** Files have their sizes, but no content and no hash. */
  readonly isNamesOnly: boolean;
  readonly top = new Inode('directory', ROOT_NUMBER, ROOT_MODE);
  /** Names below the top. */
  names = 0;
  /** Gets each path that a stream says something of. */
  watch: ((path: string) => void) | undefined;
  #lastParent = '';
  #lastFolder: Inode = this.top;

  constructor(isNamesOnly = false) {
    this.isNamesOnly = isNamesOnly;
  }

  find(path: string): Inode | undefined {
    if (path === '') return this.top;
    const slash = path.lastIndexOf('/');
    return this.#folder(slash < 0 ? '' : path.slice(0, slash))?.children?.get(
      path.slice(slash + 1),
    );
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
    const inode = new Inode(kind, number, mode);
    this.#put(path, inode);
    return inode;
  }

  link(path: string, existing: string): void {
    this.watch?.(path);
    const inode = this.require(existing);
    if (inode.kind === 'directory') throw mismatch(`links the folder "${shown(existing)}"`);
    this.#put(path, inode);
    inode.links += 1;
  }

  rename(from: string, to: string): void {
    this.watch?.(to);
    const inode = this.require(from);
    if (inode.kind === 'directory' && (to === from || to.startsWith(`${from}/`))) {
      throw mismatch(`moves "${shown(from)}" into itself`);
    }
    const inWay = this.find(to);
    if (inWay === inode) return;
    if (inWay !== undefined) this.#remove(to, inWay);
    this.#folderOf(from).children!.delete(lastName(from));
    this.names -= 1;
    this.#forget();
    this.#put(to, inode);
  }

  remove(path: string): void {
    this.#remove(path, this.require(path));
  }

  /** Every name below `from`, folders before what is in them; the top itself is not among them. */
  *walk(from: Inode = this.top, path = ''): Generator<Named> {
    // By hand: a generator within a generator would hand each path up through all its folders.
    const open = [folderAt(from, path)];
    for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
      const next = at.children.next();
      if (next.done === true) {
        open.pop();
        continue;
      }
      const [name, inode] = next.value;
      const below = at.prefix + name;
      yield { path: below, inode };
      if (inode.children !== undefined) open.push(folderAt(inode, below));
    }
  }

  #remove(path: string, inode: Inode): void {
    if (inode.children !== undefined && inode.children.size > 0) {
      throw mismatch(`removes the folder "${shown(path)}", which is not empty`);
    }
    this.#folderOf(path).children!.delete(lastName(path));
    inode.links -= 1;
    this.names -= 1;
    if (inode.children !== undefined) this.#forget();
  }

  #put(path: string, inode: Inode): void {
    const { children } = this.#folderOf(path);
    const name = lastName(path);
    if (name === '' || name === '.' || name === '..' || name.includes('\0'))
      throw mismatch(`makes "${shown(path)}", which is no name`);
    if (children!.has(name)) throw mismatch(`makes "${shown(path)}" a second time`);
    children!.set(name, inode);
    this.names += 1;
  }

  #folderOf(path: string): Inode {
    const slash = path.lastIndexOf('/');
    const parent = slash < 0 ? '' : path.slice(0, slash);
    const folder = path === '' ? undefined : this.#folder(parent);
    if (folder?.children !== undefined) return folder;
    throw mismatch(`puts something into "${shown(parent)}", which is no folder`);
  }

  /** Neighbours come one after another: the last folder is kept. */
  #folder(path: string): Inode | undefined {
    if (path === this.#lastParent) return this.#lastFolder;
    let inode: Inode | undefined = this.top;
    for (let start = 0; inode !== undefined && start < path.length;) {
      const slash = path.indexOf('/', start);
      const end = slash < 0 ? path.length : slash;
      inode = inode.children?.get(path.slice(start, end));
      start = end + 1;
    }
    if (inode !== undefined) {
      this.#lastParent = path;
      this.#lastFolder = inode;
    }
    return inode;
  }

  #forget(): void {
    this.#lastParent = '';
    this.#lastFolder = this.top;
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

/** A folder in the middle of a walk. */
function folderAt({ children }: Inode, path: string) {
  const prefix = path === '' ? '' : `${path}/`;
  return { prefix, children: (children ?? new Map<string, Inode>()).entries() };
}
