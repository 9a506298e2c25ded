import { createHash } from 'node:crypto';
import { corrupt, DendroError } from '../../shared/errors.ts';
import {
  changedSince,
  compileGlob,
  findNames,
  readSpaceBill,
  readUsage,
  verifyVolume,
} from '../../main/engine/inspect/index.ts';
import {
  defaultSubvolume,
  inodeNames,
  inodePath,
  isDirectory,
  isRegular,
  isSymlink,
  listSubvolumes,
  lookup,
  openSubvolume,
  readDirectory,
  readFile,
  readInode,
  readSymlink,
  readXattrs,
  type Subvolume,
} from '../../main/engine/tree/index.ts';
import { exercisePlaces } from './exercise-places.ts';
import { exerciseSnapshots } from './exercise-snapshots.ts';
import type { Device } from '../../main/engine/device/index.ts';
import { openVolume, type Volume } from '../../main/engine/volume/index.ts';

export interface Outcome {
  /** What was read, part by part; a typed error stands for the part that failed. */
  readonly lines: readonly string[];
  /** Codes of the typed errors met. */
  readonly errors: readonly string[];
}

/** A mutated size may claim petabytes of holes: the consumer, this test, decides how much. */
const FILE_CHUNKS = 4;
const ENTRIES = 500;

/**
 * Reads everything there is through every verb. Only typed errors are caught.
 * @param whole the same volume, unharmed.
 */
export function exercise(devices: readonly Device[], deep: boolean, whole: Volume): Outcome {
  const lines: string[] = [];
  const errors: string[] = [];
  const attempt = (name: string, work: () => string): void => {
    try {
      lines.push(`${name} ${work()}`);
    } catch (error) {
      if (!(error instanceof DendroError) || error.kind === 'Bug') throw error;
      errors.push(error.code);
    }
  };
  attempt('open', () => {
    const volume = openVolume(devices);
    try {
      exerciseVolume(volume, deep, attempt);
      exercisePlaces(volume, whole, attempt);
    } finally {
      volume.close();
    }
    return 'opened';
  });
  return { lines, errors };
}

type Attempt = (name: string, work: () => string) => void;

function exerciseVolume(volume: Volume, deep: boolean, attempt: Attempt): void {
  attempt('default', () => String(defaultSubvolume(volume)));
  let ids: number[] = [];
  attempt('subvolumes', () => {
    const all = listSubvolumes(volume);
    ids = all.map(({ id }) => id);
    return all.map(({ id, path }) => `${id} ${Buffer.from(path).toString('latin1')}`).join();
  });
  for (const id of ids.slice(0, 8)) {
    attempt(`tree ${id}`, () => {
      const subvolume = openSubvolume(volume, id);
      exerciseTree(subvolume, attempt);
      return '';
    });
  }
  exerciseSnapshots(volume, attempt);
  if (!deep) return;
  attempt('usage', () => JSON.stringify(readUsage(volume)));
  attempt('space', () => String(readSpaceBill(volume).totalBytes));
  attempt('verify', () => {
    const { dataBytes, damages } = verifyVolume(volume);
    const lost = damages.find(({ healedBy }) => healedBy === undefined);
    if (lost !== undefined) throw corrupt('verify-found-damage', lost.reason);
    return String(dataBytes);
  });
}

function exerciseTree(subvolume: Subvolume, attempt: Attempt): void {
  let left = ENTRIES;
  const seen = new Set<number>();
  const visit = (inode: number, path: string, depth: number): void => {
    if (!seen.has(inode)) attempt(path, () => describe(subvolume, inode));
    seen.add(inode);
    const isFolder = tryOr(false, () => isDirectory(readInode(subvolume, inode)?.mode ?? 0));
    if (!isFolder || depth > 8) return;
    attempt(`${path}/`, () => {
      for (const entry of readDirectory(subvolume, inode)) {
        left -= 1;
        if (left < 0) break;
        if (!entry.isSubvolume)
          visit(entry.inode, `${path}/${Buffer.from(entry.name).toString('latin1')}`, depth + 1);
      }
      return '';
    });
  };
  visit(subvolume.rootInode, String(subvolume.id), 0);
  if (subvolume.id !== 5) {
    attempt('lookup', () => String(lookup(subvolume, Buffer.from('folder/zstd')).inode));
  }
  attempt('find', () => {
    const found = findNames(subvolume, compileGlob(Buffer.from('*name*')));
    return take(found, ENTRIES)
      .map(({ path }) => Buffer.from(path).toString('latin1'))
      .join();
  });
  attempt('changed', () => String(take(changedSince(subvolume, 7), ENTRIES).length));
}

function describe(subvolume: Subvolume, number: number): string {
  const inode = readInode(subvolume, number);
  if (inode === undefined) return 'missing';
  const { mode, uid, size, links, rdev, mtime } = inode;
  const names = inodeNames(subvolume, number).length;
  const xattrs = readXattrs(subvolume, number).map(({ value }) =>
    Buffer.from(value).toString('hex'),
  );
  const path = Buffer.from(inodePath(subvolume, number) ?? []).toString('latin1');
  let content = '';
  if (isRegular(mode)) {
    const hash = createHash('sha1');
    for (const { data } of take(readFile(subvolume, number), FILE_CHUNKS, (chunk) =>
      hash.update(chunk.data),
    ))
      void data;
    content = hash.digest('hex');
  } else if (isSymlink(mode))
    content = Buffer.from(readSymlink(subvolume, number)).toString('latin1');
  return [mode, uid, size, links, rdev, mtime.seconds, names, xattrs, path, content].join(' ');
}

function take<T>(from: Iterable<T>, count: number, visit: (item: T) => void = () => {}): T[] {
  const taken: T[] = [];
  for (const item of from) {
    if (taken.length >= count) break;
    visit(item);
    taken.push(item);
  }
  return taken;
}

function tryOr<T>(otherwise: T, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof DendroError && error.kind !== 'Bug') return otherwise;
    throw error;
  }
}
