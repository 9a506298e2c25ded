import { archiveVerbs } from '../archive/engine-verbs.ts';
import { placeVerbs } from '../places/engine-verbs.ts';
import type { VerbContext } from './context.ts';
import { changesSince } from './verbs/changes-since.ts';
import { compareSnapshots } from './verbs/compare-snapshots.ts';
import { describeEntry } from './verbs/describe-entry.ts';
import { describeVolume } from './verbs/describe-volume.ts';
import { fileVersion } from './verbs/file-version.ts';
import { findByName } from './verbs/find-by-name.ts';
import { inspectVolume } from './verbs/inspect-volume.ts';
import { listDirectory } from './verbs/list-directory.ts';
import { subvolumes } from './verbs/list-subvolumes.ts';
import { matchNames } from './verbs/match-names.ts';
import { planSends } from './verbs/plan-sends.ts';
import { previewFile } from './verbs/preview-file.ts';
import { probeDevices } from './verbs/probe-devices.ts';
import { rescueCopy, rescueList, rescueLook } from './verbs/rescue.ts';
import { planRestore, restore } from './verbs/restore.ts';
import { planRollback, rollback } from './verbs/rollback.ts';
import { createSnapshot, deleteSnapshot, deleteUnseen, waitUntilFreed } from './verbs/snapshots.ts';
import { howManyToFree, spaceBill, spaceFreed } from './verbs/space.ts';
import { statEntry } from './verbs/stat-entry.ts';
import { clearTransfer, transfer, transferState } from './verbs/transfer.ts';
import { undoRestore } from './verbs/undo-restore.ts';
import { verify } from './verbs/verify.ts';
import { farEnd, removeOverSsh, transferOverSsh } from './verbs/wire.ts';

/**
 * What the engine can do: functions of plain data to plain data, so that each can run in a
 * worker thread or, on a command line, in place. They are synchronous, but for those of
 * archives, whose encryption is not.
 */
export const verbs = {
  probeDevices,
  describeVolume,
  inspectVolume,
  statEntry,
  matchNames,
  changesSince,
  spaceBill,
  spaceFreed,
  howManyToFree,
  verify,
  rescueLook,
  rescueList,
  rescueCopy,
  subvolumes,
  listDirectory,
  describeEntry,
  previewFile,
  fileVersion,
  findByName,
  compareSnapshots,
  createSnapshot,
  deleteSnapshot,
  deleteUnseen,
  waitUntilFreed,
  planSends,
  transfer,
  transferState,
  clearTransfer,
  farEnd,
  transferOverSsh,
  removeOverSsh,
  planRestore,
  restore,
  undoRestore,
  planRollback,
  rollback,
  ...archiveVerbs,
  ...placeVerbs,
};

export type Verbs = typeof verbs;
export type VerbName = keyof Verbs;
export type VerbInput<N extends VerbName> = Parameters<Verbs[N]>[0];
export type VerbOutput<N extends VerbName> = Awaited<ReturnType<Verbs[N]>>;
export type { VerbContext };
