import type { Change } from '../../../shared/model/entry.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import type { VerbContext } from '../../engine/context.ts';
import type { Secrets } from '../folder/keys.ts';
import { openTree, type OpenTree } from '../read/open-tree.ts';
import { pickPoint } from '../read/pick.ts';
import { openReader } from '../read/reader.ts';
import { sameContent } from '../tree/same-content.ts';
import type { Inode } from '../tree/inode.ts';
import { outward } from './entries.ts';

export interface DiffInput {
  readonly folder: string;
  readonly from: string;
  readonly to: string;
  readonly secrets?: Secrets;
}

/** What differs between two points, by path; contents are compared truly, not by size and time. */
export async function diffArchive(input: DiffInput, { cancel }: VerbContext): Promise<Change[]> {
  const reader = await openReader(input.folder, input.secrets);
  try {
    const refs = [pickPoint(reader, input.from), pickPoint(reader, input.to)];
    await reader.unlock(refs.flatMap((ref) => reader.closureOf(ref)));
    const [from, to] = refs.map((ref) => openTree(reader, ref, cancel));
    return new Comparison(from!, to!, cancel).run();
  } finally {
    reader.close();
  }
}

/** A name of one tree, and what it names there. */
interface Placed {
  readonly path: string;
  readonly inode: Inode;
}

/**
 * Both trees are gone through beside each other, folder by folder: of what is in both under one
 * name no path is held.
 */
class Comparison {
  readonly #from: OpenTree;
  readonly #to: OpenTree;
  readonly #cancel: CancelToken;
  readonly #changes: Change[] = [];
  readonly #added: Placed[] = [];
  readonly #gone: Placed[] = [];

  constructor(from: OpenTree, to: OpenTree, cancel: CancelToken) {
    this.#from = from;
    this.#to = to;
    this.#cancel = cancel;
  }

  run(): Change[] {
    const changes = this.#changes;
    const open: (readonly [path: string, old: Inode, inode: Inode])[] = [];
    open.push(['', this.#from.tree.top, this.#to.tree.top]);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      this.#cancel.check();
      const [path, old, inode] = next;
      if (old.kind === inode.kind) this.#compare(path, old, inode, changes);
      else changes.push(change(path, old, 'removed'), change(path, inode, 'added'));
      const prefix = path === '' ? '' : `${path}/`;
      for (const [name, was] of old.children ?? []) {
        const is = inode.children?.get(name);
        if (is === undefined) this.#all(this.#from, was, prefix + name, this.#gone);
        else open.push([prefix + name, was, is]);
      }
      for (const [name, is] of inode.children ?? []) {
        if (!old.children?.has(name)) this.#all(this.#to, is, prefix + name, this.#added);
      }
    }
    this.#renames();
    return changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  /** A name that only one of the trees has, and all below it. */
  #all({ tree }: OpenTree, inode: Inode, path: string, into: Placed[]): void {
    into.push({ path, inode });
    if (inode.children === undefined) return;
    for (const below of tree.walk(inode, path)) into.push(below);
  }

  /** Same number, same kind and same content under another name: it was moved. */
  #renames(): void {
    const changes = this.#changes;
    const gone = new Map<number, Placed>();
    for (const one of this.#gone) if (one.inode.number > 0) gone.set(one.inode.number, one);
    const moved = new Set<Placed>();
    for (const { path, inode } of this.#added) {
      this.#cancel.check();
      const old = gone.get(inode.number);
      const aspects = old && this.#aspects(old.inode, inode);
      const isOther = old?.inode.kind === 'file' && aspects?.includes('data') === true;
      if (old === undefined || moved.has(old) || old.inode.kind !== inode.kind || isOther) {
        changes.push(change(path, inode, 'added'));
        continue;
      }
      moved.add(old);
      const previousPath = outward(old.path);
      changes.push({ ...change(path, inode, 'renamed', aspects), previousPath });
    }
    for (const one of this.#gone) {
      if (!moved.has(one)) changes.push(change(one.path, one.inode, 'removed'));
    }
  }

  #compare(path: string, old: Inode, inode: Inode, changes: Change[]): void {
    const aspects = this.#aspects(old, inode);
    if (aspects.length > 0) changes.push(change(path, inode, 'changed', aspects));
  }

  #aspects(old: Inode, inode: Inode): string[] {
    const isData =
      inode.kind === 'file'
        ? old.size === inode.size && !this.#isSameContent(old, inode)
        : inode.kind === 'symlink' && !sameBytes(old.target, inode.target);
    const found: (string | false)[] = [
      isData && 'data',
      old.size !== inode.size && 'size',
      old.mode !== inode.mode && 'mode',
      (old.uid !== inode.uid || old.gid !== inode.gid) && 'owner',
      !sameBytes(old.times?.subarray(24, 36), inode.times?.subarray(24, 36)) && 'times',
      !sameXattrs(old.xattrs, inode.xattrs) && 'xattrs',
      inode.kind !== 'directory' && old.links !== inode.links && 'links',
      old.flags !== inode.flags && 'flags',
    ];
    return found.filter((what) => what !== false);
  }

  #isSameContent(old: Inode, inode: Inode): boolean {
    return sameContent(
      { version: old.version, sha256: old.sha256, resolver: this.#from.resolver },
      { version: inode.version, sha256: inode.sha256, resolver: this.#to.resolver },
    );
  }
}

function change(path: string, inode: Inode, kind: Change['kind'], aspects: string[] = []): Change {
  const sizeBytes = inode.kind === 'file' ? inode.size : 0;
  return { path: outward(path), type: inode.kind, kind, previousPath: null, aspects, sizeBytes };
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return Buffer.compare(a, b) === 0;
}

function sameXattrs(
  a: ReadonlyMap<string, Buffer> = new Map(),
  b: ReadonlyMap<string, Buffer> = new Map(),
): boolean {
  return a.size === b.size && [...a].every(([name, value]) => b.get(name)?.equals(value) === true);
}
