import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { filesystemInfo } from '../../linux/btrfs-ioctl.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../linux/files.ts';
import { TOP_LEVEL_ID, withSubvolumeMount } from '../../linux/private-mount.ts';
import type { VerbContext } from '../context.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { actRollback } from '../rollback/act.ts';
import { checkRollback } from '../rollback/check.ts';
import { mountPointsOf, systemFacts } from '../rollback/gather.ts';
import { readRollback, removeRollback, writeRollback } from '../rollback/journal.ts';
import { heirsOf, standingNow } from '../rollback/standing.ts';
import {
  planRollback as decide,
  type RollbackPlan,
  type SubvolumeFacts,
} from '../rollback/plan.ts';
import { defaultSubvolume, listSubvolumes, type SubvolumeInfo } from '../tree/index.ts';
import { uuidText } from './uuid-text.ts';

export type { RollbackPlan } from '../rollback/plan.ts';

export interface RollbackInput {
  readonly volume: VolumeInput;
  /** A snapshot of what is rolled back. */
  readonly pointId: number;
  /** What it takes the place of; null: what stands where it was taken. */
  readonly targetId: number | null;
  /** Where /boot of the system is, when that cannot be found. */
  readonly bootFolder: string | null;
  /** Goes on though no kernel in /boot has modules in the point. */
  readonly isForced: boolean;
  /** For the name of what is kept: 2026-11-27T23.15. */
  readonly moment: string;
}

export interface RollbackResult extends RollbackPlan {
  readonly newId: number;
  /** Nested subvolumes that stayed in the old one: the point has no place for them. */
  readonly leftBehind: readonly string[];
}

/** Each step of a rollback, and what a person has to know before; nothing is changed. */
export function planRollback(input: RollbackInput, context: VerbContext): RollbackPlan {
  return withTop(input, (top) => readRollback(top) ?? decided(input, top, context));
}

/**
 * Puts a read-write snapshot of a point in the place of what stands where it was taken; that is
 * kept. One that was killed is finished first, whatever is asked for.
 *
 * @throws Conflict 'rollback-not-confirmed' and what the plan is refused for; Denied
 */
export function rollback(input: RollbackInput, context: VerbContext): RollbackResult {
  return withTop(input, (top) => {
    const begun = readRollback(top);
    const plan = begun ?? decided(input, top, context);
    if (begun === undefined) writeRollback(top, plan);
    const onStep = (step: string): void =>
      context.progress({
        step,
        bytes: 0,
        files: 0,
        totalBytes: null,
        totalFiles: null,
        current: plan.newPath,
      });
    const { newId, leftBehind } = actRollback(top, plan, onStep);
    onStep('check');
    checkRollback(top, plan, newId);
    removeRollback(top);
    return { ...plan, newId, leftBehind };
  });
}

function decided(input: RollbackInput, top: number, { cancel }: VerbContext): RollbackPlan {
  const volume = volumeFor(input.volume, cancel);
  const infos = listSubvolumes(volume).filter(({ isReachable }) => isReachable);
  const point = infos.find(({ id }) => id === input.pointId);
  if (point === undefined) throw unknown(input.pointId);
  const defaultId = defaultSubvolume(volume);
  const { fsid } = filesystemInfo(top);
  const isMounted = ({ id }: { id: number }): boolean => mountPointsOf(fsid, id).length > 0;
  const target = targetOf(input, point, infos, defaultId, isMounted);
  const mountPoints = mountPointsOf(fsid, target.id);
  const at = (info: SubvolumeInfo): string => `/proc/self/fd/${top}/${textFromBytes(info.path)}`;
  const system = systemFacts({
    current: at(target),
    point: at(point),
    bootFolder: input.bootFolder,
    isRunning: mountPoints.includes('/'),
  });
  const facts = {
    point: factsOf(point),
    target: factsOf(target),
    subvolumes: infos.map(factsOf),
    defaultId,
    system,
    mountPoints,
    moment: input.moment,
  };
  return decide(facts, input.isForced);
}

/** @throws Conflict 'rollback-target-unknown', 'rollback-target-unclear' */
function targetOf(
  { targetId }: RollbackInput,
  point: SubvolumeInfo,
  infos: readonly SubvolumeInfo[],
  defaultId: number,
  isMounted: (subvolume: { id: number }) => boolean,
): SubvolumeInfo {
  const isSource = ({ uuid, isReadOnly }: SubvolumeInfo): boolean =>
    !isReadOnly && Buffer.compare(uuid, point.parentUuid) === 0;
  const found = infos.find((info) => (targetId === null ? isSource(info) : info.id === targetId));
  if (found !== undefined && targetId !== null) return found;
  if (found !== undefined) {
    const places = infos.map((info) => ({
      ...{ ...factsOf(info), info },
      parentUuid: uuidText(info.parentUuid) ?? '',
    }));
    const taken = places.find(({ info }) => info === found)!;
    const target = standingNow(taken, places, defaultId);
    const [heir] = heirsOf(target, places, isMounted);
    if (heir !== undefined) throw unclear(point, target, heir);
    return target.info;
  }
  throw conflict(
    'rollback-target-unknown',
    say`What "${{ path: printable(textFromBytes(point.path)) }}" was taken from is not on this filesystem.`,
    { hint: 'Name the subvolume that it shall take the place of: --subvolume PATH.' },
  );
}

function factsOf({ id, path, parentId, uuid, isReadOnly }: SubvolumeInfo): SubvolumeFacts {
  return { id, path: textFromBytes(path), parentId, uuid: uuidText(uuid) ?? '', isReadOnly };
}

function unclear(point: SubvolumeInfo, target: SubvolumeFacts, heir: SubvolumeFacts): Error {
  return conflict(
    'rollback-target-unclear',
    say`"${{ path: printable(textFromBytes(point.path)) }}" was taken from "${{ target: printable(target.path) }}", which is not mounted; "${{ heir: printable(heir.path) }}" is, which was made of it.`,
    { hint: 'Name the subvolume that it shall take the place of: --subvolume PATH.' },
  );
}

function withTop<T>({ volume }: RollbackInput, use: (top: number) => T): T {
  if (volume.mountPath === null) throw notMounted();
  const fd = openPath(cString(bytesFromText(volume.mountPath)), O_RDONLY | O_DIRECTORY);
  try {
    return withSubvolumeMount(fd, { subvolid: TOP_LEVEL_ID }, use);
  } finally {
    closeFd(fd);
  }
}

function notMounted(): Error {
  return conflict('not-mounted', 'The filesystem is not mounted.', {
    hint: 'Mount it: what changes it is the kernel.',
  });
}

function unknown(id: number): Error {
  return conflict('subvolume-not-found', say`There is no subvolume with id ${{ name: id }}.`, {
    hint: 'List them with: dendro snapshots',
  });
}
