import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { EntryType } from '../../../shared/model/entry.ts';
import type { StreamCommandName, StreamEntry } from '../../../shared/model/stream.ts';
import { numberOf, type CommandRecord } from './command-record.ts';
import { entryOf, named, type Name } from './touched-name.ts';

/** More names than this are left out: a look must not fill the memory. */
const MAX_NAMES = 1_000_000;

/** What puts content into a file. */
const WRITES: ReadonlySet<StreamCommandName> = new Set([
  'write',
  'encoded_write',
  'clone',
  'update_extent',
]);

const S_IFMT = 0o170000;
const S_IFBLK = 0o060000;

/**
 * The names that a stream deals with, as they are after it. An increment alone does not hold the
 * tree that it builds on: a name that was there before appears with the first command for it.
 */
export class TouchedTree {
  isCut = false;
  readonly #top: Name = named('', null, '', null, 'directory');
  #names = 0;
  readonly #sorted = new WeakMap<Name, readonly Name[]>();

  take(record: CommandRecord): void {
    switch (record.name) {
      case 'mkfile':
        return this.#make(record.path, 'file', 0);
      case 'mkdir':
        return this.#make(record.path, 'directory', null);
      case 'mkfifo':
        return this.#make(record.path, 'fifo', null);
      case 'mksock':
        return this.#make(record.path, 'socket', null);
      case 'mknod':
        return this.#make(record.path, nodeType(numberOf(record, 'mode')), null);
      case 'symlink':
        return this.#make(record.path, 'symlink', null, record.other);
      case 'rename':
        return this.#rename(record.path, record.other ?? '');
      case 'link':
        return this.#link(record.path, record.other ?? '');
      case 'unlink':
      case 'rmdir':
        return this.#remove(record.path, record.name === 'rmdir');
      case 'subvol':
      case 'snapshot':
      case 'end':
        return;
      default:
        return this.#change(record);
    }
  }

  /** @throws Conflict 'path-not-found' */
  list(path: string, offset: number, limit: number): { entries: StreamEntry[]; total: number } {
    let folder: Name | undefined = this.#top;
    for (const part of path === '' ? [] : path.split('/')) folder = folder?.children?.get(part);
    if (folder === undefined) {
      throw conflict(
        'path-not-found',
        say`The stream has nothing in "${{ path: printable(path) }}".`,
        {
          hint: 'Begin at the top of its tree.',
          place: { path: printable(path) },
        },
      );
    }
    const all = this.#inOrder(folder);
    return { entries: all.slice(offset, offset + limit).map(entryOf), total: all.length };
  }

  #inOrder(folder: Name): readonly Name[] {
    const known = this.#sorted.get(folder);
    if (known) return known;
    const names = [...(folder.children?.values() ?? [])].sort(byKindAndName);
    this.#sorted.set(folder, names);
    return names;
  }

  #make(path: string, type: EntryType, sizeBytes: number | null, target?: string | null): void {
    const name = this.#put(path, null, null, type);
    if (name === undefined) return;
    name.inode.sizeBytes = sizeBytes;
    name.inode.target = target ?? null;
  }

  #rename(from: string, to: string): void {
    const name = this.#at(from);
    const folder = this.#folderOf(to);
    if (name === undefined || folder === undefined || isWithin(folder, name)) return;
    name.parent?.children?.delete(name.name);
    this.#bury(folder.children?.get(lastOf(to)));
    name.name = lastOf(to);
    name.parent = folder;
    (folder.children ??= new Map()).set(name.name, name);
  }

  #link(path: string, existing: string): void {
    const inode = this.#at(existing)?.inode;
    if (inode === undefined) return;
    inode.isChanged = true;
    const folder = this.#folderOf(path);
    if (folder === undefined || !this.#hasRoom()) return;
    const name: Name = { ...named(lastOf(path), folder, null, null, null), inode };
    (folder.children ??= new Map()).set(name.name, name);
  }

  #remove(path: string, isFolder: boolean): void {
    const name = this.#at(path);
    if (name === undefined) return;
    name.inode.type ??= isFolder ? 'directory' : null;
    name.parent?.children?.delete(name.name);
    this.#bury(name);
  }

  /** What was there before stays to be seen, where it was; what the stream had made is gone. */
  #bury(name: Name | undefined): void {
    if (name === undefined) return;
    name.isRemoved = true;
    const { home, before } = name;
    if (home === null || before === null) return;
    const old = lastOf(before);
    if (home.children?.has(old) === true) return;
    name.name = old;
    name.parent = home;
    (home.children ??= new Map()).set(old, name);
  }

  #change(record: CommandRecord): void {
    const inode = this.#at(record.path)?.inode;
    if (inode === undefined) return;
    const { name, dataBytes } = record;
    // Every folder that something is put into gets its times back: that is no change of it.
    if (name !== 'utimes' || inode.type !== 'directory') inode.isChanged = true;
    inode.dataBytes += dataBytes;
    if (name === 'chmod') inode.mode = numberOf(record, 'mode') & 0o7777;
    else if (name === 'utimes') inode.modifiedAtMs = numberOf(record, 'modifiedAtMs');
    else if (name === 'chown') {
      inode.uid = numberOf(record, 'uid');
      inode.gid = numberOf(record, 'gid');
    } else if (name === 'truncate') {
      inode.type = 'file';
      inode.sizeBytes = numberOf(record, 'size');
    } else if (WRITES.has(name)) {
      inode.type = 'file';
      const end = numberOf(record, 'offset') + numberOf(record, 'length');
      if (inode.sizeBytes !== null) inode.sizeBytes = Math.max(inode.sizeBytes, end);
    }
  }

  /** The name of a path; one that no command has made was there before. */
  #at(path: string): Name | undefined {
    let name: Name = this.#top;
    for (const part of path === '' ? [] : path.split('/')) {
      let next = name.children?.get(part);
      if (next === undefined || next.isRemoved) {
        if (!this.#hasRoom()) return undefined;
        const before = name.before === null ? null : below(name.before, part);
        next = named(part, name, before, name, null);
        name.inode.type ??= 'directory';
        (name.children ??= new Map()).set(part, next);
      }
      name = next;
    }
    return name;
  }

  #put(path: string, before: string | null, home: Name | null, type: EntryType): Name | undefined {
    const folder = this.#folderOf(path);
    if (folder === undefined || !this.#hasRoom()) return undefined;
    const name = named(lastOf(path), folder, before, home, type);
    (folder.children ??= new Map()).set(name.name, name);
    return name;
  }

  #folderOf(path: string): Name | undefined {
    const cut = path.lastIndexOf('/');
    const folder = this.#at(cut < 0 ? '' : path.slice(0, cut));
    if (folder) folder.inode.type ??= 'directory';
    return folder;
  }

  #hasRoom(): boolean {
    if (this.#names < MAX_NAMES) {
      this.#names += 1;
      return true;
    }
    this.isCut = true;
    return false;
  }
}

function isWithin(folder: Name, name: Name): boolean {
  for (let one: Name | null = folder; one; one = one.parent) if (one === name) return true;
  return false;
}

function byKindAndName(a: Name, b: Name): number {
  const [first, second] = [a, b].map(({ inode }) => (inode.type === 'directory' ? 0 : 1));
  if (first !== second) return first! - second!;
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function nodeType(mode: number): EntryType {
  return (mode & S_IFMT) === S_IFBLK ? 'block' : 'character';
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
