import { assert, conflict, DendroError } from '../../../shared/errors.ts';
import {
  createSnapshot,
  createSubvolume,
  isReadOnlySubvolume,
  setReadOnlySubvolume,
  setReceived,
  SUBVOLUME_TOP_INODE,
  subvolumeInfo,
} from '../../linux/btrfs-ioctl.ts';
import {
  closeFd,
  cString,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  openPath,
  RENAME_NOREPLACE,
  syncFilesystem,
} from '../../linux/files.ts';
import { lockUnlessTaken } from '../../linux/file-lock.ts';
import { checked, ERRNO, pathText, throwErrno } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import type { Progress } from './command-count.ts';
import { applyFlags } from './deferred-flags.ts';
import {
  COMPLETE_FILE,
  completionIn,
  completionText,
  exists,
  FINGERPRINT_FILE,
  FLAGS_FILE,
  LOSSES_FILE,
  mountOf,
  pageKey,
  readLeftover,
  type ResumeFrom,
} from './leftover.ts';
import { LossReport } from './loss-report.ts';
import { forgetProgress, ProgressPage } from './progress-page.ts';
import {
  checkpointName,
  checkpointsIn,
  destroySubvolume,
  isSubvolume,
  openLeftoverFolder,
  openStagingFolder,
  removeEntry,
  removeLeftover,
  removeStagingFolder,
  WORK_NAME,
} from './staging-folder.ts';
import { writeText } from './private-folder.ts';
import { markForm, type CopyForm } from './copy-forms.ts';
import { markRecordDue } from './record-marks.ts';
import { refuseName } from './snapshot-name.ts';
import { StagingRecords } from './staging-records.ts';
import { identityJson, identityKey, type StreamIdentity } from './stream-identity.ts';

export interface NotedOfCopy {
  /** The sender will store a record with it: a mark says so until it has. */
  readonly marksRecord?: boolean;
  /** It is sent without some paths. */
  readonly form?: CopyForm | undefined;
}

/**
 * The place where one stream becomes a snapshot: a private folder beside the final name, with
 * the work, checkpoints of it and what is needed to go on. Nothing under the final name, and
 * nothing with a received UUID, is there before the last command has been applied.
 */
export class Staging {
  readonly key: string;
  /** The work's top directory. */
  work = -1;
  readonly records: StagingRecords;
  readonly #target: number;
  readonly #staging: number;
  readonly #folder: number;
  readonly #identity: StreamIdentity;
  #page: ProgressPage | undefined;

  constructor(target: number, identity: StreamIdentity) {
    refuseName(identity.name);
    this.#target = target;
    this.#identity = identity;
    this.key = identityKey(identity);
    this.#staging = openStagingFolder(target, true)!;
    try {
      this.#folder = openLocked(this.#staging, this.key);
    } catch (error) {
      closeFd(this.#staging);
      removeStagingFolder(target);
      throw error;
    }
    this.records = new StagingRecords(this.#folder);
  }

  /** What an earlier run of the same stream left. */
  get leftover(): ResumeFrom {
    const found = readLeftover(this.#target, this.#staging, this.key);
    return found?.resume ?? { kind: 'nothing' };
  }

  /** Nothing is replaced, ever. */
  refuseExisting(): void {
    if (!exists(this.#target, this.#identity.name)) return;
    throw conflict('exists', 'There is already something of this name at the target.', {
      hint: 'Move or delete it, or receive into another folder.',
      place: { path: pathText(this.#identity.name) },
    });
  }

  /** Begins anew, from an empty subvolume or from the parent snapshot. */
  begin(parent: number | undefined, fingerprint: string | undefined): void {
    this.#clear();
    if (parent === undefined) createSubvolume(this.#folder, WORK_NAME);
    else createSnapshot(this.#folder, WORK_NAME, parent, false);
    this.records.begin(identityJson(this.#identity), fingerprint);
    this.#openWork();
  }

  /** Goes on from what an earlier run left. */
  goOn(from: Extract<ResumeFrom, { kind: 'work' | 'checkpoint' }>): void {
    if (from.kind === 'checkpoint') {
      if (exists(this.#folder, WORK_NAME)) removeEntry(this.#folder, WORK_NAME);
      const source = openPath(cString(from.name), O_RDONLY | O_DIRECTORY, 0, this.#folder);
      try {
        createSnapshot(this.#folder, WORK_NAME, source, false);
      } finally {
        closeFd(source);
      }
      this.records.goBack(from.progress.commands);
    }
    this.#openWork(from.kind === 'work');
    this.record(from.progress.commands, from.progress.hash);
  }

  record(commands: number, hash: number): void {
    this.#page?.set(commands, hash);
  }

  recordTopTimes(times: Uint8Array): void {
    this.#page?.setTopTimes(times);
  }

  /** Keeps the state as it is now through a power cut: a read-only snapshot of the work. */
  checkpoint(progress: Progress): void {
    const old = checkpointsIn(this.#folder);
    if (old.some((one) => one.commands >= progress.commands)) return;
    this.records.sync();
    createSnapshot(this.#folder, checkpointName(progress), this.work, true);
    for (const { name } of old) removeEntry(this.#folder, name);
  }

  /**
   * Makes the finished work a snapshot under its final name. Everything is on the drive before
   * it is said to be complete, for that counts after a power cut, too; and before it gets its
   * received UUID, which `isReceived` false leaves away. What is noted of it beside it comes onto
   * the drive before that.
   */
  finish(isReceived: boolean, losses: LossReport, noted: NotedOfCopy = {}): void {
    const { marksRecord = false, form } = noted;
    if (isReceived && marksRecord) markRecordDue(this.#target, this.#identity);
    if (isReceived && form) markForm(this.#target, this.#identity, form);
    syncFilesystem(this.work);
    const { id } = subvolumeInfo(this.work);
    writeText(this.#folder, COMPLETE_FILE, completionText({ isReceived, id }));
    syncFilesystem(this.work);
    this.#rename(this.#folder, cString(WORK_NAME), this.#hidden);
    this.#putInPlace(isReceived, losses);
  }

  /** Does what was left to do when a run was stopped after its last command. */
  complete(losses = new LossReport()): void {
    const completion = completionIn(this.#folder);
    assert(completion !== undefined, 'a receive whose commands are due is no complete one');
    const { isReceived, id } = completion;
    if (exists(this.#folder, WORK_NAME)) {
      this.#openWork();
      return this.finish(isReceived, losses);
    }
    if (exists(this.#target, this.#hidden.subarray(0, -1))) {
      this.work = this.#openPlaced(this.#hidden);
      return this.#putInPlace(isReceived, losses);
    }
    this.#sealPlaced(isReceived, id, losses);
    this.#tidyUp();
  }

  /** From the hidden name on. The name of a top directory that may not change comes before that. */
  #putInPlace(isReceived: boolean, losses: LossReport): void {
    if (this.#topFlags === undefined) {
      if (!isReadOnlySubvolume(this.work)) this.#seal(isReceived);
      this.#reveal();
    } else {
      this.#reveal();
      this.#bar(losses);
      this.#seal(isReceived);
    }
    this.#tidyUp();
  }

  /** One that was stopped between its final name and the rest. */
  #sealPlaced(isReceived: boolean, id: number, losses: LossReport): void {
    const { name } = this.#identity;
    if (!exists(this.#target, name) || !isSubvolume(this.#target, name)) return;
    this.work = this.#openPlaced(cString(name));
    if (subvolumeInfo(this.work).id !== id || isReadOnlySubvolume(this.work)) return;
    this.#bar(losses);
    this.#seal(isReceived);
  }

  #openPlaced(name: Buffer): number {
    return openPath(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, this.#target);
  }

  /** Flags of the top directory that forbid changes: with them it could not be renamed. */
  get #topFlags(): number | undefined {
    return this.records.flagsBefore(Infinity).get(SUBVOLUME_TOP_INODE);
  }

  #bar(losses: LossReport): void {
    const flags = this.#topFlags;
    if (flags === undefined) return;
    applyFlags(this.work, new Map([[SUBVOLUME_TOP_INODE, flags]]), losses);
  }

  #tidyUp(): void {
    this.discard();
    syncFilesystem(this.#target);
  }

  /** Removes all of it. */
  discard(): void {
    this.#closeWork();
    this.#page?.remove();
    this.#page = undefined;
    forgetProgress(pageKey(this.#target, this.key));
    this.#removeHidden();
    removeLeftover(this.#staging, this.key);
  }

  /** The same after an error, which is what is told: what cannot be removed now stays a leftover. */
  tryToDiscard(): void {
    try {
      this.discard();
    } catch (error) {
      if (!(error instanceof DendroError)) throw error;
    }
  }

  /** Leaves what an earlier run left, and nothing else. */
  closeUnused(): void {
    if (this.leftover.kind === 'nothing') this.tryToDiscard();
    this.close();
  }

  /** Leaves it for the next run. The private folder around it is removed by whoever is done. */
  close(): void {
    this.#closeWork();
    this.#page?.close();
    this.#page = undefined;
    closeFd(this.#folder);
    closeFd(this.#staging);
  }

  get #hidden(): Buffer {
    return cString(`.dendro-${this.key}`);
  }

  #seal(isReceived: boolean): void {
    const { uuid, ctransid } = this.#identity;
    if (isReceived) setReceived(this.work, uuid, ctransid);
    setReadOnlySubvolume(this.work, true);
  }

  /** Within one directory: a read-only subvolume cannot move to another. */
  #reveal(): void {
    this.#rename(this.#target, this.#hidden, cString(this.#identity.name));
  }

  #rename(from: number, name: Buffer, to: Buffer): void {
    if (libc().renameat2(from, name, this.#target, to, RENAME_NOREPLACE) >= 0) return;
    const errno = lastErrno();
    if (errno !== ERRNO.EEXIST) throwErrno(errno, 'move into place', to);
    throw conflict('exists', 'Something of this name has come to the target meanwhile.', {
      hint: 'Move it away and run it again: nothing is lost.',
      place: { path: pathText(this.#identity.name) },
    });
  }

  #clear(): void {
    forgetProgress(pageKey(this.#target, this.key));
    for (const { name } of checkpointsIn(this.#folder)) removeEntry(this.#folder, name);
    const files = [FLAGS_FILE, LOSSES_FILE, COMPLETE_FILE, FINGERPRINT_FILE].map((name) =>
      Buffer.from(name),
    );
    for (const name of [WORK_NAME, ...files]) {
      if (exists(this.#folder, name)) removeEntry(this.#folder, name);
    }
    this.#removeHidden();
  }

  #removeHidden(): void {
    const hidden = this.#hidden.subarray(0, -1);
    if (exists(this.#target, hidden) && isSubvolume(this.#target, hidden)) {
      destroySubvolume(this.#target, hidden);
    }
  }

  #openWork(goesOn = false): void {
    const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW;
    this.work = checked(openPath(cString(WORK_NAME), flags, 0, this.#folder), 'open the work');
    const key = pageKey(this.#target, this.key);
    if (goesOn) this.#page = ProgressPage.open(key);
    this.#page ??= ProgressPage.create(key, mountOf(this.#target));
  }

  #closeWork(): void {
    if (this.work >= 0) closeFd(this.work);
    this.work = -1;
  }
}

/** Whether what has its name is this very snapshot, received whole. */
export function isInPlace(target: number, { name, uuid, ctransid }: StreamIdentity): boolean {
  if (!exists(target, name) || !isSubvolume(target, name)) return false;
  const fd = openPath(cString(name), O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0, target);
  try {
    const { readOnly, receivedUuid, stransid } = subvolumeInfo(fd);
    return readOnly && receivedUuid.equals(uuid) && stransid === ctransid;
  } finally {
    closeFd(fd);
  }
}

/** The folder of this stream, for one process at a time. @throws Conflict 'busy' */
function openLocked(staging: number, key: string): number {
  const folder = openLeftoverFolder(staging, key, true)!;
  if (lockUnlessTaken(folder)) return folder;
  closeFd(folder);
  throw conflict('busy', 'Another receive of the same stream is running.', {
    hint: 'Wait until it has ended.',
  });
}
