import { lstatSync, mkdirSync } from 'node:fs';
import { DendroError } from '../../../shared/errors.ts';
import { splitPath, type SubvolumeInfo } from '../tree/index.ts';
import type { CopyHooks } from './copy-leaf.ts';
import { copyOut, makeTop, type CopyReport } from './copy-out.ts';
import type { Rescue } from './rescue.ts';
import { reasonOf } from './salvage.ts';
import type { Note } from '../../../shared/said.ts';

export interface RescuedSubvolume {
  readonly info: SubvolumeInfo;
  /** Below the target folder; the top level's is empty. */
  readonly folder: Uint8Array;
  readonly report: CopyReport;
}
export interface RescueReport {
  readonly subvolumes: readonly RescuedSubvolume[];
  /** Subvolumes of which nothing came out, and why. */
  readonly failed: readonly { readonly info: SubvolumeInfo; readonly reason: Note }[];
  /** Read-only snapshots that were not asked for. */
  readonly leftOut: readonly SubvolumeInfo[];
}

/**
 * Copies subvolumes to their places below the target; one whose place is lost, or cannot be
 * made, to `lost+found/subvolume-ID`.
 * @param choose which; without it all but read-only snapshots: most of what these hold is in
 *   the others too, and copies share nothing.
 * @throws Io when the target cannot be written, Conflict `rescue-target-exists`, Cancelled.
 */
export function copyAll(
  rescue: Rescue,
  target: string | Uint8Array,
  choose: (info: SubvolumeInfo) => boolean = isNoSnapshot,
  hooks: CopyHooks = {},
): RescueReport {
  const top = Buffer.from(target as string);
  makeTop(top);
  const all = rescue.subvolumes();
  const wanted = all.filter(choose);
  const subvolumes: RescuedSubvolume[] = [];
  const failed: { info: SubvolumeInfo; reason: Note }[] = [];
  // what others stand in comes first
  const inOrder = wanted.sort((a, b) => depthOf(a) - depthOf(b) || a.id - b.id);
  for (const info of inOrder) {
    hooks.cancel?.check();
    try {
      const { subvolume, lost } = rescue.open(info);
      const place = isTop(info) ? top : placeFor(top, info);
      const folder = place.subarray(top.length + 1);
      subvolumes.push({ info, folder, report: copyOut(subvolume, lost, place, hooks) });
    } catch (error) {
      if (error instanceof DendroError && error.code === 'rescue-target-failed') throw error;
      failed.push({ info, reason: reasonOf(error) });
    }
  }
  return { subvolumes, failed, leftOut: all.filter((info) => !wanted.includes(info)) };
}

function isNoSnapshot(info: SubvolumeInfo): boolean {
  return !info.isReadOnly || isTop(info);
}

function isTop({ path, isReachable }: SubvolumeInfo): boolean {
  return isReachable && path.length === 0;
}

function depthOf(info: SubvolumeInfo): number {
  return info.isReachable ? splitPath(info.path).length : Number.MAX_SAFE_INTEGER;
}

/** Its own place, if all folders above it are folders and it is free. */
function placeFor(target: Buffer, info: SubvolumeInfo): Buffer {
  const names = info.isReachable ? splitPath(info.path) : [];
  let at = target;
  names.slice(0, -1).forEach((name) => (at = join(at, name)));
  const place = names.length === 0 ? undefined : join(at, names.at(-1)!);
  if (place !== undefined && isFolderPath(target, names.slice(0, -1)) && !exists(place)) {
    return place;
  }
  const lost = join(target, Buffer.from('lost+found'));
  if (!exists(lost)) mkdirSync(lost);
  return join(lost, Buffer.from(`subvolume-${info.id}`));
}

/** Makes what is missing; false when anything on the way is no folder: a symlink, say. */
function isFolderPath(target: Buffer, names: readonly Uint8Array[]): boolean {
  let at = target;
  for (const name of names) {
    at = join(at, name);
    if (!exists(at)) mkdirSync(at);
    else if (!lstatSync(at).isDirectory()) return false;
  }
  return true;
}

function exists(path: Buffer): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}

function join(directory: Buffer, name: Uint8Array): Buffer {
  return Buffer.concat([directory, Buffer.from('/'), name]);
}
