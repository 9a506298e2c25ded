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

class Comparison {
  readonly #from: OpenTree;
  readonly #to: OpenTree;
  readonly #cancel: CancelToken;

  constructor(from: OpenTree, to: OpenTree, cancel: CancelToken) {
    this.#from = from;
    this.#to = to;
    this.#cancel = cancel;
  }

  run(): Change[] {
    const changes: Change[] = [];
    const added: { path: string; inode: Inode }[] = [];
    const left = new Map<string, Inode>([['', this.#from.tree.top]]);
    for (const { path, inode } of this.#from.tree.walk()) left.set(path, inode);
    for (const { path, inode } of [
      { path: '', inode: this.#to.tree.top },
      ...this.#to.tree.walk(),
    ]) {
      this.#cancel.check();
      const old = left.get(path);
      left.delete(path);
      if (old === undefined) added.push({ path, inode });
      else if (old.kind === inode.kind) this.#compare(path, old, inode, changes);
      else changes.push(change(path, old, 'removed'), change(path, inode, 'added'));
    }
    this.#renames(added, left, changes);
    for (const { path, inode } of added) changes.push(change(path, inode, 'added'));
    for (const [path, inode] of left) changes.push(change(path, inode, 'removed'));
    return changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  }

  /** Same number, same kind and same content under another name: it was moved. */
  #renames(
    added: { path: string; inode: Inode }[],
    left: Map<string, Inode>,
    changes: Change[],
  ): void {
    const gone = new Map<number, string>();
    for (const [path, inode] of left) if (inode.number > 0) gone.set(inode.number, path);
    for (const one of [...added]) {
      const previous = gone.get(one.inode.number);
      const old = previous === undefined ? undefined : left.get(previous);
      if (previous === undefined || old === undefined || old.kind !== one.inode.kind) continue;
      const aspects = this.#aspects(old, one.inode);
      if (aspects.includes('data') && old.kind === 'file') continue;
      left.delete(previous);
      added.splice(added.indexOf(one), 1);
      changes.push({
        ...change(one.path, one.inode, 'renamed', aspects),
        previousPath: outward(previous),
      });
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
