import { conflict } from '../../../shared/errors.ts';
import { lockUnlessTaken } from '../../linux/file-lock.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../linux/files.ts';
import { pathText } from '../../linux/libc-error.ts';
import type { Bytes } from '../stream/command-sink.ts';
import { exists, listLeftovers, progressOf, readLeftover, type Leftover } from './leftover.ts';
import {
  openLeftoverFolder,
  openStagingFolder,
  removeLeftover,
  removeStagingFolder,
} from './staging-folder.ts';
import { namesIn } from './private-folder.ts';
import { isInPlace, Staging } from './staging.ts';
import { identityKey, type StreamIdentity } from './stream-identity.ts';

const KEY = /^[0-9a-f]{16}$/;

/** Where a stream goes on at a target. */
export interface ResumePoint {
  /** The command to go on at (`send` takes it as `resumeFrom`); 0 is the whole stream. */
  readonly command: number;
  /** Nothing is to be sent: an earlier run had applied all of it; it has been put in place now. */
  readonly isComplete: boolean;
}

/** Asks the target directory how far an earlier run came with this stream. */
export function resumePoint(target: string | Bytes, identity: StreamIdentity): ResumePoint {
  return withTarget(target, (fd) => {
    const key = identityKey(identity);
    const leftover = listLeftovers(fd).find((found) => found.key === key);
    if (leftover === undefined) return { command: 0, isComplete: false };
    if (leftover.resume.kind === 'complete') {
      complete(fd, leftover);
      return { command: 0, isComplete: true };
    }
    const { commands } = progressOf(leftover.resume);
    return { command: commands > 1 ? commands : 0, isComplete: false };
  });
}

/**
 * Where a stream that is known by its `fingerprint` goes on at a target: what is left of another
 * stream with the same first command is removed. A snapshot that is in place already, whole and
 * unchanged, is complete. @throws Conflict 'exists'
 */
export function agree(
  target: string | Bytes,
  identity: StreamIdentity,
  fingerprint: string,
): ResumePoint {
  const left = leftoversIn(target).find(({ key }) => key === identityKey(identity));
  if (left !== undefined && left.fingerprint !== fingerprint) cleanLeftovers(target, [left.key]);
  const point = resumePoint(target, identity);
  if (point.isComplete || point.command > 0) return point;
  return withTarget(target, (fd) => {
    const isComplete = isThere(fd, identity);
    // A run may have been stopped while it tidied up.
    if (isComplete) removeTidied(fd, identityKey(identity));
    return { command: 0, isComplete };
  });
}

/** @throws Conflict 'exists' where something else has the name */
function isThere(target: number, identity: StreamIdentity): boolean {
  if (!exists(target, identity.name)) return false;
  if (isInPlace(target, identity)) return true;
  throw conflict('exists', 'There is already something of this name at the target.', {
    hint: 'Move or delete it, or send into another folder.',
    place: { path: pathText(identity.name) },
  });
}

/** Interrupted receives in a target directory. */
export function leftoversIn(target: string | Bytes): Leftover[] {
  return withTarget(target, listLeftovers);
}

/**
 * Clears the leftovers: those whose every command was applied are put in place, the others are
 * removed. `keys` undefined means all. Returns those that it dealt with.
 */
export function cleanLeftovers(target: string | Bytes, keys?: readonly string[]): Leftover[] {
  return withTarget(target, (fd) => {
    const chosen = listLeftovers(fd).filter(({ key }) => keys === undefined || keys.includes(key));
    for (const leftover of chosen) {
      if (leftover.resume.kind === 'complete') complete(fd, leftover);
      else remove(fd, leftover);
    }
    removeResidue(fd, keys);
    return chosen;
  });
}

function complete(fd: number, { identity }: Leftover): void {
  const staging = new Staging(fd, identity);
  try {
    staging.complete();
  } finally {
    staging.close();
    removeStagingFolder(fd);
  }
}

function remove(fd: number, { identity }: Leftover): void {
  const staging = new Staging(fd, identity);
  try {
    staging.discard();
  } finally {
    staging.close();
  }
}

/**
 * What a run left that was stopped while it began or tidied up: a folder that says nothing, and
 * the private folder itself when nothing is in it any more.
 */
function removeResidue(fd: number, keys: readonly string[] | undefined): void {
  const staging = openStagingFolder(fd, false);
  if (staging === undefined) return;
  try {
    for (const key of namesIn(staging)) {
      if (!KEY.test(key) || (keys !== undefined && !keys.includes(key))) continue;
      if (readLeftover(fd, staging, key) === undefined) removeUnlessBusy(staging, key);
    }
  } finally {
    closeFd(staging);
    removeStagingFolder(fd);
  }
}

/** What is left of a run whose snapshot is in place. */
function removeTidied(fd: number, key: string): void {
  const staging = openStagingFolder(fd, false);
  if (staging === undefined) return;
  try {
    removeUnlessBusy(staging, key);
  } finally {
    closeFd(staging);
    removeStagingFolder(fd);
  }
}

/** One that says nothing may be of a run that is just beginning. */
function removeUnlessBusy(staging: number, key: string): void {
  const folder = openLeftoverFolder(staging, key, false);
  if (folder === undefined) return;
  try {
    if (lockUnlessTaken(folder)) removeLeftover(staging, key);
  } finally {
    closeFd(folder);
  }
}

function withTarget<T>(target: string | Bytes, body: (fd: number) => T): T {
  const fd = openPath(cString(target), O_RDONLY | O_DIRECTORY);
  try {
    return body(fd);
  } finally {
    closeFd(fd);
  }
}
