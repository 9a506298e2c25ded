import { closeFd, cString, statAt, AT_SYMLINK_NOFOLLOW } from '../../linux/files.ts';
import { ERRNO, isErrno } from '../../linux/libc-error.ts';
import { filesystemInfo, subvolumeId } from '../../linux/btrfs-ioctl.ts';
import { statFd } from '../../linux/files.ts';
import { NOTHING, type Progress } from './command-count.ts';
import { namesIn, readText } from './private-folder.ts';
import { ProgressPage } from './progress-page.ts';
import {
  checkpointsIn,
  openLeftoverFolder,
  openStagingFolder,
  WORK_NAME,
} from './staging-folder.ts';
import { identityKey, parseIdentity, type StreamIdentity } from './stream-identity.ts';

export const IDENTITY_FILE = 'identity';
export const FLAGS_FILE = 'flags';
export const LOSSES_FILE = 'losses';
/** What decides the stream's bytes beside its first command, when the sender has told it. */
export const FINGERPRINT_FILE = 'fingerprint';
/** Written when all is applied and on the drive: only received UUID, read-only and name are due. */
export const COMPLETE_FILE = 'complete';
/** What it says; a power cut may leave it empty, and then it says nothing. */
const COMPLETION = /^(received|inexact) (\d+)$/;

/** Which state of the work the next run can go on from. */
export type ResumeFrom =
  | { readonly kind: 'nothing' }
  /** The work itself: nothing happened to the filesystem since the last run was stopped. */
  | { readonly kind: 'work'; readonly progress: Progress; readonly topTimes: Buffer }
  /** A checkpoint: what came after it may be lost in part, after a power cut say. */
  | { readonly kind: 'checkpoint'; readonly progress: Progress; readonly name: Buffer }
  | { readonly kind: 'complete' };

export interface Leftover {
  readonly key: string;
  readonly identity: StreamIdentity;
  readonly resume: ResumeFrom;
  /** Of the stream that it came from, when the sender told it. */
  readonly fingerprint: string | undefined;
  /** When the receive began, in milliseconds since 1970. */
  readonly beganAtMs: number;
}

export interface Completion {
  /** It is what was sent, so a received UUID is due. */
  readonly isReceived: boolean;
  /** Of the subvolume, which may have its final name already. */
  readonly id: number;
}

export function completionText({ isReceived, id }: Completion): string {
  return `${isReceived ? 'received' : 'inexact'} ${id}`;
}

/** Undefined while commands are due. */
export function completionIn(folder: number): Completion | undefined {
  const [, kind, id] = COMPLETION.exec(readText(folder, COMPLETE_FILE) ?? '') ?? [];
  return id === undefined ? undefined : { isReceived: kind === 'received', id: Number(id) };
}

/** Receives that did not come to their end, in this target directory. */
export function listLeftovers(target: number): Leftover[] {
  const staging = openStagingFolder(target, false);
  if (staging === undefined) return [];
  try {
    return namesIn(staging)
      .map((key) => readLeftover(target, staging, key))
      .filter((leftover) => leftover !== undefined);
  } finally {
    closeFd(staging);
  }
}

/** What the folder `key` holds; undefined when it is none of ours or holds nothing to go on from. */
export function readLeftover(target: number, staging: number, key: string): Leftover | undefined {
  const folder = openLeftoverFolder(staging, key, false);
  if (folder === undefined) return undefined;
  try {
    const text = readText(folder, IDENTITY_FILE);
    const identity = text === undefined ? undefined : parseIdentity(text);
    if (identity === undefined || identityKey(identity) !== key) return undefined;
    const resume = resumeFrom(target, folder, key);
    const fingerprint = readText(folder, FINGERPRINT_FILE);
    return { key, identity, resume, fingerprint, beganAtMs: statFd(folder).born.seconds * 1000 };
  } finally {
    closeFd(folder);
  }
}

function resumeFrom(target: number, folder: number, key: string): ResumeFrom {
  if (completionIn(folder) !== undefined) return { kind: 'complete' };
  const page = exists(folder, WORK_NAME)
    ? ProgressPage.read(pageKey(target, key), mountOf(target))
    : undefined;
  const checkpoint = checkpointsIn(folder)[0];
  const commands = page?.progress.commands ?? 0;
  if (page !== undefined && commands > 0 && commands >= (checkpoint?.commands ?? 0)) {
    return { kind: 'work', ...page };
  }
  if (checkpoint === undefined) return { kind: 'nothing' };
  return { kind: 'checkpoint', progress: checkpoint, name: checkpoint.name };
}

export function progressOf(resume: ResumeFrom): Progress {
  return resume.kind === 'work' || resume.kind === 'checkpoint' ? resume.progress : NOTHING;
}

/**
 * Leftovers of different drives and folders do not mix: the page is named for the filesystem, the
 * subvolume, as the tops of all of them have the same inode number, and the folder.
 */
export function pageKey(target: number, key: string): string {
  const fsid = filesystemInfo(target).fsid.toString('hex');
  return `${fsid}-${subvolumeId(target)}-${statFd(target).inode}-${key}`;
}

/** Changes with every mount: what was not on the drive at an unmount or a crash is not there now. */
export function mountOf(target: number): bigint {
  return statFd(target).mountId;
}

export function exists(dir: number, name: Uint8Array): boolean {
  try {
    statAt(dir, cString(name), AT_SYMLINK_NOFOLLOW);
    return true;
  } catch (error) {
    if (isErrno(error, ERRNO.ENOENT)) return false;
    throw error;
  }
}
