import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import { MAX_INFO_BYTES, parseSnapperInfo } from '../../other-tools/metadata.ts';
import { timeInName } from './time-in-name.ts';

/** What a file and what lies beside it say of when its (last) snapshot was taken. */
export interface FileTimes {
  /** Snapper's own record of the snapshot; null: there is none. */
  readonly snapperMs: number | null;
  /** Names that may hold a time, the more trusted first. */
  readonly names: readonly string[];
  /** Of the last change to the file. */
  readonly mtimeMs: number;
}

/** What a stream says of its snapshot. */
export interface StreamTimes {
  readonly name: string;
  /** The newest change (ctime) that it tells; null: it tells none. */
  readonly changedMs: number | null;
  /** When the point that it builds on was taken; null: there is none, or it is not here. */
  readonly parentMs: number | null;
}

/** `file`: nothing else said, and it is no more than a guess. */
export type TimeSource = 'snapper' | 'name' | 'stream' | 'file';

/** A clock that is a little ahead, or a name in the local time of another zone. */
const AHEAD_MS = 86_400_000;
/** Snapper calls every snapshot this, in a folder with its number (snapper(8)). */
const SNAPPER_NAME = 'snapshot';

/**
 * When a snapshot was taken, from what is trusted most: Snapper's record, a name with a time (the
 * stream's own, which its maker gave, then `names`), the newest change in the stream, before which
 * it cannot have been taken, and the time of the file, which may be that of a copy. A time that
 * has not come yet says nothing.
 */
export function takenAt(
  stream: StreamTimes,
  { snapperMs, names, mtimeMs }: FileTimes,
  nowMs: number,
): { readonly atMs: number; readonly from: TimeSource } {
  const isPast = (ms: number | null | undefined): ms is number =>
    typeof ms === 'number' && ms > 0 && ms <= nowMs + AHEAD_MS;
  if (stream.name === SNAPPER_NAME && isPast(snapperMs))
    return { atMs: snapperMs, from: 'snapper' };
  const named = [stream.name, ...names].map(timeInName).find(isPast);
  if (named !== undefined) return { atMs: named, from: 'name' };
  // Nothing was changed since the parent was taken.
  const { changedMs, parentMs } = stream;
  const told = [changedMs, parentMs === null ? null : behind(parentMs)].find(isPast);
  if (told !== undefined) return { atMs: told, from: 'stream' };
  return { atMs: mtimeMs, from: 'file' };
}

/** The next moment: a snapshot that tells no time of its own comes behind what it builds on. */
export function behind(ms: number): number {
  return ms + 1;
}

/** @param sidecar what btrbk calls the file that it wrote; a person may have renamed it since. */
export function fileTimes(file: string, sidecar?: string): FileTimes {
  const names = [...(sidecar === undefined ? [] : [basename(sidecar)]), basename(file)];
  return {
    snapperMs: snapperTime(join(dirname(file), 'info.xml')),
    names,
    mtimeMs: Math.floor(statSync(bytesOf(file)).mtimeMs),
  };
}

/** For the order in which files are read: by name, else by the time of the file. */
export function likelyTime(file: string): number {
  return timeInName(basename(file)) ?? statSync(bytesOf(file)).mtimeMs;
}

function bytesOf(path: string): Buffer {
  return Buffer.from(bytesFromText(path));
}

function snapperTime(path: string): number | null {
  const status = statSync(bytesOf(path), { throwIfNoEntry: false });
  if (status?.isFile() !== true || status.size > MAX_INFO_BYTES) return null;
  return parseSnapperInfo(readFileSync(bytesOf(path), 'utf8'))?.takenAtMs ?? null;
}
