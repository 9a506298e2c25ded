import { readFileSync, writeFileSync } from 'node:fs';
import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import { createSnapshot, setDefaultSubvolume, subvolumeInfo } from '../../linux/btrfs-ioctl.ts';
import {
  closeFd,
  cString,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  openBeneath,
  RENAME_EXCHANGE,
  RENAME_NOREPLACE,
  syncFilesystem,
  tryOpenBeneath,
} from '../../linux/files.ts';
import { ERRNO, throwErrno } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import { uuidText } from '../verbs/uuid-text.ts';
import { withoutNumber } from './boot-files.ts';
import type { RollbackPlan } from './plan.ts';
import { snapperInfo } from './snapper-info.ts';

/** Permissions of Snapper's folders. */
const FOLDER_MODE = 0o755;

/**
 * Carries the steps out below the top level `top`. Each looks first whether it has been done:
 * after a kill the same plan is carried out again.
 *
 * @returns the id of the new subvolume, and nested subvolumes that had to stay behind
 */
export function actRollback(
  top: number,
  plan: RollbackPlan,
  onStep: (step: string) => void,
): { newId: number; leftBehind: string[] } {
  const isExchanged = plan.keptPath !== plan.target.path;
  onStep('snapshot');
  if (!isInPlace(top, plan)) makeNew(top, plan);
  onStep('place');
  if (isExchanged && !isInPlace(top, plan)) {
    rename(top, plan.staging, plan.target.path, RENAME_EXCHANGE);
  }
  // What was in the way is under the staging name now, until it has the name it is kept under.
  if (isExchanged && idAt(top, plan.staging) === plan.target.id) {
    rename(top, plan.staging, plan.keptPath, RENAME_NOREPLACE);
  }
  onStep('nested');
  const leftBehind = plan.nested.flatMap(({ from, to }) => moveNested(top, plan, from, to));
  const newId = idAt(top, plan.newPath)!;
  if (plan.setsDefault) {
    onStep('default');
    setDefaultSubvolume(top, newId);
  }
  syncFilesystem(top);
  return { newId, leftBehind };
}

/** Whether the new one has its place already. */
function isInPlace(top: number, { newPath, point, target }: RollbackPlan): boolean {
  const id = idAt(top, newPath);
  return id !== undefined && id !== target.id && parentUuidAt(top, newPath) === point.uuid;
}

function makeNew(top: number, plan: RollbackPlan): void {
  const { staging, point, fixesFstab, target, newPath } = plan;
  if (idAt(top, staging) === undefined) {
    const slash = staging.lastIndexOf('/');
    const [folder, name] = [staging.slice(0, Math.max(0, slash)), staging.slice(slash + 1)];
    if (plan.staging === newPath) makeSnapperFolder(top, folder, point.path);
    const source = open(top, point.path);
    const parent = open(top, folder);
    try {
      createSnapshot(parent, bytesFromText(name), source, false);
    } finally {
      closeFd(parent);
      closeFd(source);
    }
  }
  if (!fixesFstab) return;
  const fd = open(top, `${staging}/etc`);
  try {
    const path = `/proc/self/fd/${fd}/fstab`;
    const before = readFileSync(path, 'utf8');
    writeFileSync(path, withoutNumber(before, target.id, target.path));
  } finally {
    closeFd(fd);
  }
}

function makeSnapperFolder(top: number, folder: string, from: string): void {
  const slash = folder.lastIndexOf('/');
  const parent = open(top, folder.slice(0, Math.max(0, slash)));
  try {
    const name = cString(bytesFromText(folder.slice(slash + 1)));
    const isMade = libc().mkdirat(parent, name, FOLDER_MODE) >= 0;
    if (!isMade && lastErrno() !== ERRNO.EEXIST) throwErrno(lastErrno(), 'make', folder);
  } finally {
    closeFd(parent);
  }
  const fd = open(top, folder);
  try {
    const number = Number(folder.slice(slash + 1));
    writeFileSync(`/proc/self/fd/${fd}/info.xml`, snapperInfo(number, from), { mode: 0o600 });
  } finally {
    closeFd(fd);
  }
}

/** From the old tree into the new one, onto the empty place that the snapshot has for it. */
function moveNested(top: number, plan: RollbackPlan, from: string, to: string): string[] {
  const old = `${plan.keptPath}/${from}`;
  if (idAt(top, old) === undefined) return []; // done before a kill
  const slash = to.lastIndexOf('/');
  const parent = tryOpenBeneath(top, path(to.slice(0, slash)), O_RDONLY | O_DIRECTORY);
  if (parent < 0) return [from]; // its folder did not exist then
  try {
    const AT_REMOVEDIR = 0x200;
    const name = cString(bytesFromText(to.slice(slash + 1)));
    const isFree = libc().unlinkat(parent, name, AT_REMOVEDIR) >= 0 || lastErrno() === ERRNO.ENOENT;
    if (!isFree) return [from]; // something else stands there
  } finally {
    closeFd(parent);
  }
  rename(top, old, to, RENAME_NOREPLACE);
  return [];
}

/** The id of the subvolume whose top a path is; undefined for anything else. */
export function idAt(top: number, at: string): number | undefined {
  const fd = tryOpenBeneath(top, path(at), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (fd < 0) return undefined;
  try {
    const parent = at.slice(0, Math.max(0, at.lastIndexOf('/')));
    const { id } = subvolumeInfo(fd);
    return at === '' || id !== subvolumeOf(top, parent) ? id : undefined;
  } finally {
    closeFd(fd);
  }
}

export function parentUuidAt(top: number, at: string): string | null {
  const fd = open(top, at);
  try {
    return uuidText(subvolumeInfo(fd).parentUuid);
  } finally {
    closeFd(fd);
  }
}

function subvolumeOf(top: number, at: string): number {
  const fd = open(top, at);
  try {
    return subvolumeInfo(fd).id;
  } finally {
    closeFd(fd);
  }
}

function rename(top: number, from: string, to: string, flags: number): void {
  const [a, b] = [from, to].map((one) => {
    const slash = one.lastIndexOf('/');
    const fd = open(top, one.slice(0, Math.max(0, slash)));
    return { fd, name: cString(bytesFromText(one.slice(slash + 1))) };
  });
  try {
    const result = libc().renameat2(a!.fd, a!.name, b!.fd, b!.name, flags);
    if (result < 0) throwErrno(lastErrno(), 'put in place', to);
  } finally {
    closeFd(a!.fd);
    closeFd(b!.fd);
  }
}

function open(top: number, at: string): number {
  return openBeneath(top, path(at), O_RDONLY | O_DIRECTORY);
}

function path(at: string): Buffer {
  return cString(at === '' ? '.' : bytesFromText(at));
}
