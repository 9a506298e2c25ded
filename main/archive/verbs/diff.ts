import type { Change } from '../../../shared/model/entry.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import type { VerbContext } from '../../engine/context.ts';
import { inPairs, SortedList } from '../../engine/spill/sorted-list.ts';
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
export async function diffArchive(input: DiffInput, context: VerbContext): Promise<Change[]> {
  const changes: Change[] = [];
  await eachArchiveChange(input, context, (change) => void changes.push(change));
  return changes;
}

/** The same, one after another: of a million of them no list is made. Returns how many. */
export async function eachArchiveChange(
  input: DiffInput,
  { cancel }: VerbContext,
  take: (change: Change) => void,
): Promise<number> {
  const reader = await openReader(input.folder, input.secrets);
  try {
    const refs = [pickPoint(reader, input.from), pickPoint(reader, input.to)];
    const needed = refs.flatMap((ref) => reader.closureOf(ref));
    await reader.unlock(needed);
    const isSecret = needed.some(({ point }) => point.recipients.length > 0);
    const [from, to] = refs.map((ref) => openTree(reader, ref, cancel));
    const newList = <T>(): SortedList<T> => {
      const list = new SortedList<T>({ isSecret });
      reader.owns(list);
      return list;
    };
    const changes = new Comparison(from!, to!, cancel, newList).run();
    for (const change of changes) {
      cancel.check();
      take(change);
    }
    return changes.count;
  } finally {
    reader.close();
  }
}

/** A name of one tree, and what it names there. */
interface Placed {
  readonly path: string;
  /** Of the inode in its tree. */
  readonly id: number;
}

/**
 * Both trees are gone through beside each other, folder by folder: of what is in both under one
 * name no path is held. What is in one of them only is laid beside what is in the other by the
 * number of its inode.
 */
class Comparison {
  readonly #from: OpenTree;
  readonly #to: OpenTree;
  readonly #cancel: CancelToken;
  readonly #changes: SortedList<Change>;
  readonly #added: SortedList<Placed>;
  readonly #gone: SortedList<Placed>;

  constructor(from: OpenTree, to: OpenTree, cancel: CancelToken, newList: <T>() => SortedList<T>) {
    this.#from = from;
    this.#to = to;
    this.#cancel = cancel;
    this.#changes = newList();
    this.#added = newList();
    this.#gone = newList();
  }

  run(): SortedList<Change> {
    const open: (readonly [path: string, old: Inode, inode: Inode])[] = [];
    open.push(['', this.#from.tree.top, this.#to.tree.top]);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      this.#cancel.check();
      const [path, old, inode] = next;
      if (old.kind === inode.kind) this.#compare(path, old, inode);
      else {
        this.#tell(change(path, old, 'removed'));
        this.#tell(change(path, inode, 'added'));
      }
      const prefix = path === '' ? '' : `${path}/`;
      for (const [name, was] of old.children ?? []) {
        const is = inode.children?.get(name);
        if (is === undefined) this.#all(this.#from, was, prefix + name, this.#gone);
        else if (was.children === undefined && is.kind === was.kind)
          this.#compare(prefix + name, was, is);
        else open.push([prefix + name, was, is]);
      }
      for (const [name, is] of inode.children ?? []) {
        if (old.children?.has(name) !== true) this.#all(this.#to, is, prefix + name, this.#added);
      }
    }
    this.#renames();
    return this.#changes;
  }

  /** A name that only one of the trees has, and all below it. */
  #all({ tree }: OpenTree, inode: Inode, path: string, into: SortedList<Placed>): void {
    into.add(keyOf(inode), { path, id: inode.id });
    if (inode.children === undefined) return;
    for (const below of tree.walk(inode, path)) {
      this.#cancel.check();
      into.add(keyOf(below.inode), { path: below.path, id: below.inode.id });
    }
  }

  /** Same number, same kind and same content under another name: it was moved. */
  #renames(): void {
    for (const [gone, added] of inPairs(this.#gone, this.#added)) {
      this.#cancel.check();
      // Of several names the last one.
      let old = gone.at(-1);
      for (const one of added) if (this.#moved(old, one)) old = undefined;
      for (const one of gone) {
        if (one !== gone.at(-1) || old !== undefined) {
          this.#tell(change(one.path, this.#from.tree.inode(one.id), 'removed'));
        }
      }
    }
  }

  /** Tells of a new name. True when it is where the old one went. */
  #moved(old: Placed | undefined, { path, id }: Placed): boolean {
    const inode = this.#to.tree.inode(id);
    const was = old && this.#from.tree.inode(old.id);
    const aspects = was && was.number > 0 ? this.#aspects(was, inode) : undefined;
    const isOther = was?.kind === 'file' && was.size === inode.size && aspects?.includes('data');
    if (was === undefined || aspects === undefined || was.kind !== inode.kind || isOther) {
      this.#tell(change(path, inode, 'added'));
      return false;
    }
    const isCarried = this.#isCarried(old!.path, path);
    if (isCarried && aspects.length === 0) return true;
    const previousPath = outward(old!.path);
    const kind = isCarried ? 'changed' : 'renamed';
    this.#tell({ ...change(path, inode, kind, aspects), previousPath });
    return true;
  }

  /** Under its name in its folder, which moved, or one above it: that is told once. */
  #isCarried(before: string, now: string): boolean {
    const [old, own] = [splitPath(before), splitPath(now)];
    if (old.name !== own.name) return false;
    const was = this.#from.tree.find(old.folder);
    const is = this.#to.tree.find(own.folder);
    return was !== undefined && was.number > 0 && was.number === is?.number;
  }

  /** Of one path, what is gone before what has come. */
  #tell(one: Change): void {
    this.#changes.add(`${one.path}\0${one.kind === 'removed' ? 0 : 1}`, one);
  }

  #compare(path: string, old: Inode, inode: Inode): void {
    const aspects = this.#aspects(old, inode);
    if (aspects.length > 0) this.#tell(change(path, inode, 'changed', aspects));
  }

  #aspects(old: Inode, inode: Inode): string[] {
    const isData =
      inode.kind === 'file'
        ? !this.#isSameContent(old, inode)
        : inode.kind === 'symlink' && !sameBytes(old.target, inode.target);
    const found: (string | false)[] = [
      isData && 'data',
      old.size !== inode.size && 'size',
      old.mode !== inode.mode && 'mode',
      (old.uid !== inode.uid || old.gid !== inode.gid) && 'owner',
      !inode.isModifiedAs(old) && 'times',
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

function splitPath(path: string): { readonly folder: string; readonly name: string } {
  const slash = path.lastIndexOf('/');
  return { folder: path.slice(0, Math.max(0, slash)), name: path.slice(slash + 1) };
}

const NUMBER_DIGITS = 16;

/** By the number of the inode, in its order. */
function keyOf({ number }: Inode): string {
  return String(number).padStart(NUMBER_DIGITS, '0');
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
  a: ReadonlyMap<string, Buffer> | undefined,
  b: ReadonlyMap<string, Buffer> | undefined,
): boolean {
  if ((a?.size ?? 0) !== (b?.size ?? 0)) return false;
  return [...(a ?? [])].every(([name, value]) => b?.get(name)?.equals(value) === true);
}
