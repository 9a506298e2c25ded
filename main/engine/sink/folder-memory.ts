import type { Bytes } from '../stream/command-sink.ts';
import { FolderPaths } from './folder-paths.ts';
import { InodeNumbers, type Memo } from './memo.ts';
import { fieldsOf, memoOf, type MemoFields } from './memo-fields.ts';
import { NamesFile, NO_FOLDER, type Found, type NameRecord } from './names-file.ts';
import { below, joinNames, namesOf, split } from './path-names.ts';

/** One name. */
export interface Entry {
  /** The name on disk, where it is another. */
  real?: Buffer | undefined;
  /** Shared by all names of an inode. */
  memo?: Memo | undefined;
  /** Those of a folder; some may be in the file, where it has an `id`. */
  children?: Map<string, Entry> | undefined;
  /** Of a folder that was written into the file. */
  id?: number | undefined;
  /** Which of several copies it is, once it was changed. */
  copy?: number | undefined;
  /** What the journal says of it; empty when it says something. */
  written?: string | undefined;
  /** What the file says of it. */
  stored?: string | undefined;
}

/** An entry with its path. */
export class Named {
  /** A character a byte: of a million names no bytes are left to the collector of garbage. */
  readonly text: string;
  readonly entry: Entry;

  constructor(text: string, entry: Entry) {
    this.text = text;
    this.entry = entry;
  }

  get path(): Buffer {
    return Buffer.from(this.text, 'latin1');
  }
}

interface Stored extends NameRecord, MemoFields {
  readonly real?: string | undefined;
  readonly copy?: number | undefined;
}

const TOP = 0;
/** Names in memory at most, where there is a file for the others. */
const MOST_NAMES = 4096;
/**
 * What is to be remembered of a tree, by path; names about which there is nothing are not in it.
 * There may be millions of them: given a file, it keeps some thousands in memory.
 */
export class FolderMemory {
  readonly top: Entry = { id: TOP };
  readonly inodes = new InodeNumbers();
  /** No name differs on disk: paths need no translation. */
  hasRealNames = false;
  /** Whether there may be any, so that nobody looks for them who need not. */
  readonly has = { large: false, holes: false, copies: false, late: false, flags: false };
  readonly #newFile: (() => number) | undefined;
  readonly #mostNames: number;
  #file: NamesFile<Stored> | undefined;
  /** By number: those that are in memory and may have names in the file. */
  readonly #memos = new Map<number, Memo>();
  /** Names in memory; more than there are where some were removed. */
  #count = 0;
  /** Names on disk that are others' than the names' own, of those in the file, once asked for. */
  #realNames: Set<string> | undefined;
  #nextId = TOP + 1;
  #nextCopy = 1;

  /** @param newFile opens an empty file, a further one each time, for as long as this is used */
  constructor(newFile?: () => number, mostNames = MOST_NAMES) {
    this.#newFile = newFile;
    this.#mostNames = mostNames;
  }

  find(path: Bytes): Entry | undefined {
    let entry: Entry | undefined = this.top;
    for (const name of namesOf(path)) {
      entry = this.#child(entry, name);
      if (entry === undefined) return undefined;
    }
    return entry;
  }

  /** The entry, made when there is none. */
  entry(path: Bytes): Entry {
    let entry = this.top;
    for (const name of namesOf(path))
      entry = this.#child(entry, name) ?? this.#add(entry, name, {});
    return entry;
  }

  memo(path: Bytes): Memo {
    return (this.entry(path).memo ??= {});
  }

  /** What is known of an inode by its number, as journal and sidecar have it. */
  inode(number: number): Memo {
    const known = this.#memos.get(number);
    if (known !== undefined) return known;
    const record = this.#file?.ofInode(number);
    return this.#keep(number, record === undefined ? {} : memoOf(record));
  }

  /** To be called when all lines of a file were taken in. */
  endOfLines(): void {
    if (this.#file === undefined) this.#memos.clear();
  }

  /** The number of this copy among those of its inode. */
  copy(entry: Entry): number {
    return (entry.copy ??= this.#nextCopy++);
  }

  remove(path: Bytes): Entry | undefined {
    const [parent, name] = split(path);
    const folder = this.find(parent);
    if (folder === undefined) return undefined;
    const entry = this.#child(folder, name);
    if (entry === undefined) return undefined;
    folder.children?.delete(name);
    delete entry.stored;
    if (folder.id !== undefined) this.#file?.remove(folder.id, name);
    if (entry.real !== undefined) this.#realNames = undefined;
    return entry;
  }

  put(path: Bytes, entry: Entry): void {
    const [parent, name] = split(path);
    const folder = this.entry(parent);
    if (folder.id !== undefined) this.#file?.remove(folder.id, name);
    this.#add(folder, name, entry);
    if (entry.real !== undefined) this.hasRealNames = true;
  }

  /** Whether something in this folder, whose own name is another, has this one on disk. */
  isReal(folder: Bytes, name: Buffer): boolean {
    if (!this.hasRealNames) return false;
    const entry = this.find(folder);
    for (const { real } of entry?.children?.values() ?? []) {
      if (real?.equals(name) === true) return true;
    }
    if (entry?.id === undefined || this.#file === undefined) return false;
    this.#realNames ??= this.#realNamesInFile(this.#file);
    return this.#realNames.has(realKey(entry.id, name.toString('hex')));
  }

  #realNamesInFile(file: NamesFile<Stored>): Set<string> {
    const found = new Set<string>();
    for (const { record } of file.current()) {
      if (record.real !== undefined) found.add(realKey(record.in, record.real));
    }
    return found;
  }

  /** The path on disk. */
  real(path: Bytes): Buffer {
    if (!this.hasRealNames) return Buffer.from(path);
    const parts: Buffer[] = [];
    let entry: Entry | undefined = this.top;
    for (const name of namesOf(path)) {
      entry = entry === undefined ? undefined : this.#child(entry, name);
      parts.push(entry?.real ?? Buffer.from(name, 'latin1'));
    }
    return joinNames(parts);
  }

  /**
   * To be called now and then, when nobody holds an entry or a memo: what is more than can stay in
   * memory goes into the file.
   */
  rest(): void {
    if (this.#count >= this.#mostNames && this.#newFile !== undefined) this.#putAway();
  }

  /**
   * Every entry with its path: those in memory, parents before children, then those in the file.
   * What is changed is not one of these but what `find` gives; names that are made or removed
   * meanwhile may or may not be among them.
   */
  *walk(): Generator<Named> {
    const folders = new Map<number, Entry>();
    const paths = this.#file && new FolderPaths(this.#file);
    for (const named of this.#inMemory()) {
      const { text, entry } = named;
      if (entry.id !== undefined && paths !== undefined) {
        folders.set(entry.id, entry);
        paths.set(entry.id, text);
      }
      yield named;
    }
    if (this.#file === undefined || paths === undefined) return;
    for (const found of this.#file.current()) {
      const { in: folder, name } = found.record;
      if (folders.get(folder)?.children?.has(name) === true) continue;
      const parent = paths.of(folder);
      if (parent === undefined) continue;
      yield new Named(below(parent, name), this.#entryOf(found, this.#memoOf(found)));
    }
  }

  *#inMemory(): Generator<Named> {
    yield new Named('', this.top);
    // No recursion: a tree may be thousands of folders deep.
    const open = [childrenOf('', this.top)];
    for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
      const next = folder.names.next();
      if (next.done === true) {
        open.pop();
        continue;
      }
      const [name, entry] = next.value;
      const text = below(folder.text, name);
      yield new Named(text, entry);
      if (entry.children !== undefined) open.push(childrenOf(text, entry));
    }
  }

  #child(folder: Entry, name: string): Entry | undefined {
    const known = folder.children?.get(name);
    if (known !== undefined || this.#file === undefined || folder.id === undefined) return known;
    const found = this.#file.get(folder.id, name);
    if (found === undefined) return undefined;
    const memo = this.#memoOf(found);
    if (memo !== undefined) this.#memos.set(found.record.inode!, memo);
    return this.#add(folder, name, this.#entryOf(found, memo));
  }

  #add(folder: Entry, name: string, entry: Entry): Entry {
    (folder.children ??= new Map()).set(name, entry);
    this.#count += 1;
    return entry;
  }

  #keep(number: number, memo: Memo): Memo {
    this.inodes.set(memo, number);
    this.#memos.set(number, memo);
    return memo;
  }

  #entryOf({ record, line, at }: Found<Stored>, memo: Memo | undefined): Entry {
    const { id, real, copy, inode } = record;
    // What an older record says may have to be said again, to be the newest.
    const isOlder = inode !== undefined && !this.#file!.isNewestOf(inode, at);
    return {
      ...{ id, copy, memo, stored: isOlder ? undefined : line },
      real: real === undefined ? undefined : Buffer.from(real, 'hex'),
      written: real === undefined && memo === undefined ? undefined : '',
    };
  }

  /** The memo of a name in the file; another of its names may have been written since. */
  #memoOf({ record, at }: Found<Stored>): Memo | undefined {
    const { inode } = record;
    if (inode === undefined) return undefined;
    const known = this.#memos.get(inode);
    if (known !== undefined) return known;
    const memo = memoOf(this.#file!.isNewestOf(inode, at) ? record : this.#file!.ofInode(inode)!);
    this.inodes.set(memo, inode);
    return memo;
  }

  /** All names but the top into the file. */
  #putAway(): void {
    const file = (this.#file ??= new NamesFile(this.#newFile!));
    const due: Entry[] = [this.top];
    const left = new Map(this.#memos);
    for (let folder = due.pop(); folder !== undefined; folder = due.pop()) {
      for (const [name, entry] of folder.children ?? []) {
        if (entry.children !== undefined) {
          entry.id ??= this.#nextId++;
          due.push(entry);
        }
        const record = this.#recordOf(folder.id!, name, entry);
        file.put(record, entry.stored);
        if (record.inode !== undefined) left.delete(record.inode);
      }
    }
    // Of names that were removed, and other names are in the file.
    for (const [inode, memo] of left) file.putInode({ ...NO_NAME, inode, ...storedOf(memo) });
    file.flush();
    this.top.children = undefined;
    this.#memos.clear();
    this.#count = 0;
    this.#realNames = undefined;
  }

  #recordOf(folder: number, name: string, entry: Entry): Stored {
    const { id, real, copy, memo } = entry;
    return {
      ...{ in: folder, name, id, copy, real: real?.toString('hex') },
      ...(memo !== undefined && {
        ...{ inode: this.inodes.of(memo), ...storedOf(memo) },
      }),
    };
  }
}

const NO_NAME = { in: NO_FOLDER, name: '' };

function storedOf(memo: Memo): MemoFields {
  return { ...fieldsOf(memo), late: memo.late, changed: memo.changed };
}

function childrenOf(text: string, { children }: Entry) {
  return { text, names: (children ?? new Map<string, Entry>()).entries() };
}

function realKey(folder: number, real: string): string {
  return `${folder}/${real}`;
}
