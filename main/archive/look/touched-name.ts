import type { EntryType } from '../../../shared/model/entry.ts';
import type { StreamEntry } from '../../../shared/model/stream.ts';

/** What a stream says of one inode; several names may lead to it. */
export interface Touched {
  type: EntryType | null;
  isChanged: boolean;
  sizeBytes: number | null;
  modifiedAtMs: number | null;
  mode: number | null;
  uid: number | null;
  gid: number | null;
  target: string | null;
  dataBytes: number;
}

export interface Name {
  name: string;
  parent: Name | null;
  children: Map<string, Name> | undefined;
  readonly inode: Touched;
  /** The path that it had before the stream; null: the stream makes it. */
  readonly before: string | null;
  /** The folder that it was in before. */
  readonly home: Name | null;
  isRemoved: boolean;
}

export function named(
  name: string,
  parent: Name | null,
  before: string | null,
  home: Name | null,
  type: EntryType | null,
): Name {
  const inode: Touched = {
    ...{ type, isChanged: false, sizeBytes: null, modifiedAtMs: null, mode: null },
    ...{ uid: null, gid: null, target: null, dataBytes: 0 },
  };
  return { name, parent, children: undefined, inode, before, home, isRemoved: false };
}

/** As it crosses borders. */
export function entryOf(name: Name): StreamEntry {
  const { inode, before } = name;
  const here = pathOf(name);
  return {
    name: name.name,
    type: inode.type,
    change: changeOf(name, here),
    previousPath: before === null || before === here || name.isRemoved ? null : before,
    sizeBytes: inode.sizeBytes,
    modifiedAtMs: inode.modifiedAtMs,
    mode: inode.mode,
    uid: inode.uid,
    gid: inode.gid,
    linkTarget: inode.target,
    dataBytes: dataBelow(name),
  };
}

function changeOf({ isRemoved, before, inode }: Name, here: string): StreamEntry['change'] {
  if (isRemoved) return 'removed';
  if (before === null) return 'added';
  if (before !== here) return 'renamed';
  return inode.isChanged ? 'changed' : 'none';
}

function dataBelow(name: Name): number {
  let sum = 0;
  const pending = [name];
  for (let one = pending.pop(); one !== undefined; one = pending.pop()) {
    sum += one.inode.dataBytes;
    for (const child of one.children?.values() ?? []) pending.push(child);
  }
  return sum;
}

/** Depth is bounded by the length of a path. */
function pathOf(name: Name): string {
  const parts: string[] = [];
  for (let one: Name | null = name; one?.parent; one = one.parent) parts.unshift(one.name);
  return parts.join('/');
}
