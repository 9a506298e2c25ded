import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { Change } from '../../../shared/model/entry.ts';
import type { VerbContext } from '../context.ts';
import { InodeChanges, type InodeChange } from '../diff/inode-changes.ts';
import { walkChanges } from '../diff/walk.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import {
  inodeNames,
  inodePath,
  isDirectory,
  openSubvolume,
  readInode,
  type Inode,
  type Subvolume,
} from '../tree/index.ts';
import { entryType } from './entries.ts';

export interface CompareInput {
  readonly volume: VolumeInput;
  readonly fromId: number;
  readonly toId: number;
  readonly offset: number;
  readonly limit: number;
}

/**
 * What differs between two snapshots, by path. Identity is inode number, generation and type;
 * subtrees that both share are not read. Access times do not count, nor does a folder whose
 * times changed only because a name in it did.
 */
export function compareSnapshots(
  input: CompareInput,
  { cancel }: VerbContext,
): { changes: Change[]; total: number } {
  const volume = volumeFor(input.volume, cancel);
  const before = openSubvolume(volume, input.fromId);
  const after = openSubvolume(volume, input.toId);
  const changes: Change[] = [];
  const gather = new InodeChanges((change) => {
    cancel.check();
    changes.push(...changesOf(change, before, after));
  });
  walkChanges(volume, before.root, after.root, gather);
  gather.finish();
  changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
  const { offset, limit } = input;
  return { changes: changes.slice(offset, offset + limit), total: changes.length };
}

function changesOf(change: InodeChange, before: Subvolume, after: Subvolume): Change[] {
  const old = existing(before, change.inode);
  const fresh = existing(after, change.inode);
  const isSame = old && fresh && identity(old) === identity(fresh);
  if (isSame) return alteration(change, before, old, after, fresh);
  return [
    ...(old ? [whole('removed', before, old)] : []),
    ...(fresh ? [whole('added', after, fresh)] : []),
  ].filter((one) => one !== undefined);
}

/** An inode that has a name; one that is only still open does not count. */
function existing(subvolume: Subvolume, number: number): Inode | undefined {
  const inode = readInode(subvolume, number);
  return inode && (inode.links > 0 || number === subvolume.rootInode) ? inode : undefined;
}

function identity({ generation, mode }: Inode): string {
  return `${generation} ${mode >>> 12}`;
}

function whole(kind: 'added' | 'removed', where: Subvolume, inode: Inode): Change | undefined {
  const path = inodePath(where, inode.number);
  if (path === undefined) return undefined;
  return {
    path: textFromBytes(path),
    type: entryType(typeOf(inode)),
    kind,
    previousPath: null,
    aspects: [],
    sizeBytes: inode.size,
  };
}

function alteration(
  change: InodeChange,
  before: Subvolume,
  old: Inode,
  after: Subvolume,
  fresh: Inode,
): Change[] {
  const [oldPath, path] = [inodePath(before, old.number), inodePath(after, fresh.number)];
  if (oldPath === undefined || path === undefined) return [];
  const isMoved = Buffer.compare(oldPath, path) !== 0;
  const aspects = aspectsOf(change, before, old, after, fresh);
  if (!isMoved && aspects.length === 0) return [];
  return [
    {
      path: textFromBytes(path),
      type: entryType(typeOf(fresh)),
      kind: isMoved ? 'renamed' : 'changed',
      previousPath: isMoved ? textFromBytes(oldPath) : null,
      aspects,
      sizeBytes: fresh.size,
    },
  ];
}

function aspectsOf(
  change: InodeChange,
  before: Subvolume,
  old: Inode,
  after: Subvolume,
  fresh: Inode,
): string[] {
  const isFolder = isDirectory(fresh.mode);
  const found: Record<string, boolean> = {
    data: change.extents.count > 0,
    size: !isFolder && old.size !== fresh.size,
    mode: old.mode !== fresh.mode,
    owner: old.uid !== fresh.uid || old.gid !== fresh.gid,
    xattrs: change.xattrs.length > 0,
    flags: old.flags !== fresh.flags,
    links: change.hasNames && hasOtherLinks(before, old, after, fresh),
    times: !isFolder && modified(old) !== modified(fresh),
  };
  return Object.keys(found).filter((aspect) => found[aspect]);
}

/** A single name that changed is a rename, not another set of links. */
function hasOtherLinks(before: Subvolume, old: Inode, after: Subvolume, fresh: Inode): boolean {
  if (old.links === 1 && fresh.links === 1) return false;
  return names(before, old) !== names(after, fresh);
}

function names(subvolume: Subvolume, { number }: Inode): string {
  return inodeNames(subvolume, number)
    .map(({ parent, name }) => `${parent}/${Buffer.from(name).toString('latin1')}`)
    .sort()
    .join('\0');
}

function modified({ mtime }: Inode): string {
  return `${mtime.seconds}.${mtime.nanoseconds}`;
}

/** FILE_TYPE of the mode's type (the order of `S_IF*` in `mode >> 12`). */
function typeOf({ mode }: Inode): number {
  const types: Record<number, number> = { 1: 5, 2: 3, 4: 2, 6: 4, 8: 1, 10: 7, 12: 6 };
  return types[mode >>> 12] ?? 0;
}
