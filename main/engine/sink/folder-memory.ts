import type { Bytes } from '../stream/command-sink.ts';
import type { Range } from './data-ranges.ts';

/** What a plain folder cannot keep of one inode; undefined where it keeps it itself. */
export interface Memo {
  mode?: number | undefined;
  uid?: number | undefined;
  gid?: number | undefined;
  /** As in `btrfs_inode_item`: 48 bytes. */
  times?: Buffer | undefined;
  /** BTRFS_INODE_* flags. */
  flags?: number | undefined;
  /** By name, a character a byte. */
  xattrs?: Map<string, Buffer> | undefined;
  /** It is in the sidecar only: a device node, say, or a link where there can be none. */
  absent?:
    | { readonly kind: 'node'; readonly mode: number; readonly rdev: number }
    | { readonly kind: 'symlink'; readonly target: Buffer }
    | undefined;
  /** It is larger than a file can be here: the rest of it lies beside. */
  large?: LargeFile | undefined;
  /** Where nothing was ever written, in order, if the filesystem does not tell; see known-holes.ts. */
  holes?: readonly Range[] | undefined;
  /** Its names are copies of each other, because there are no hard links here. */
  isCopied?: boolean | undefined;
  /** The mode to end with: until then the owner may do what the rest of the stream asks for. */
  late?: number | undefined;
  /** The copy that was changed: the others are due. */
  changed?: Entry | undefined;
}

/**
 * A file of which only the first `head` bytes are at their place; part K holds what comes from
 * `head + K * part` on, at most `part` bytes of it. What no part holds is zeros.
 */
export interface LargeFile {
  readonly id: number;
  readonly head: number;
  readonly part: number;
  size: number;
}

/** One name. */
export interface Entry {
  /** The name on disk, where it is another. */
  real?: Buffer | undefined;
  /** Shared by all names of an inode. */
  memo?: Memo | undefined;
  children?: Map<string, Entry> | undefined;
  /** Of what the journal says of it. */
  written?: number | undefined;
}

/** An entry with its path. */
export interface Named {
  readonly path: Buffer;
  readonly entry: Entry;
}

const SLASH = '/';

/** What is to be remembered of a tree, by path; names about which there is nothing are not in it. */
export class FolderMemory {
  readonly top: Entry = {};
  /** No name differs on disk: paths need no translation. */
  hasRealNames = false;

  find(path: Bytes): Entry | undefined {
    let entry: Entry | undefined = this.top;
    if (path.length > 0 && entry.children === undefined) return undefined;
    for (const name of namesOf(path)) {
      entry = entry.children?.get(name);
      if (entry === undefined) return undefined;
    }
    return entry;
  }

  /** The entry, made when there is none. */
  entry(path: Bytes): Entry {
    let entry = this.top;
    for (const name of namesOf(path)) {
      entry.children ??= new Map();
      let child = entry.children.get(name);
      if (child === undefined) entry.children.set(name, (child = {}));
      entry = child;
    }
    return entry;
  }

  memo(path: Bytes): Memo {
    return (this.entry(path).memo ??= {});
  }

  remove(path: Bytes): Entry | undefined {
    const [parent, name] = split(path);
    const children = this.find(parent)?.children;
    const entry = children?.get(name);
    children?.delete(name);
    return entry;
  }

  put(path: Bytes, entry: Entry): void {
    const [parent, name] = split(path);
    const into = this.entry(parent);
    into.children ??= new Map();
    into.children.set(name, entry);
    if (entry.real !== undefined) this.hasRealNames = true;
  }

  /** The path on disk. */
  real(path: Bytes): Buffer {
    if (!this.hasRealNames) return Buffer.from(path);
    const parts: Buffer[] = [];
    let entry: Entry | undefined = this.top;
    for (const name of namesOf(path)) {
      entry = entry?.children?.get(name);
      parts.push(entry?.real ?? Buffer.from(name, 'latin1'));
    }
    return joinNames(parts);
  }

  /** Every entry with its path, parents before children. */
  *walk(): Generator<Named> {
    yield { path: Buffer.alloc(0), entry: this.top };
    // No recursion: a tree may be thousands of folders deep.
    const open = [childrenOf(Buffer.alloc(0), this.top)];
    for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
      const next = folder.names.next();
      if (next.done === true) {
        open.pop();
        continue;
      }
      const [name, entry] = next.value;
      const bytes = Buffer.from(name, 'latin1');
      const path = folder.path.length === 0 ? bytes : joinNames([folder.path, bytes]);
      yield { path, entry };
      if (entry.children !== undefined) open.push(childrenOf(path, entry));
    }
  }
}

function childrenOf(path: Buffer, { children }: Entry) {
  return { path, names: (children ?? new Map<string, Entry>()).entries() };
}

export function joinNames(parts: readonly Bytes[]): Buffer {
  const slash = Buffer.from(SLASH);
  return Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [slash, part])));
}

export function latin1(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

function namesOf(path: Bytes): string[] {
  return path.length === 0 ? [] : latin1(path).split(SLASH);
}

function split(path: Bytes): [parent: Bytes, name: string] {
  const slash = path.lastIndexOf(0x2f);
  return [path.subarray(0, Math.max(0, slash)), latin1(path.subarray(slash + 1))];
}
