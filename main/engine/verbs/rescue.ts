import { usage } from '../../../shared/errors.ts';
import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { RescueList, RescueLook, RescueOutcome } from '../../../shared/model/rescue.ts';
import type { CancelToken } from '../cancel.ts';
import type { VerbContext } from '../context.ts';
import {
  identityOfDevice,
  isAnotherThere,
  listBlockDevices,
  listSiblingImages,
} from '../device/index.ts';
import { copyAll, listFiles, openRescue, type Rescue } from '../rescue/index.ts';
import type { SubvolumeInfo } from '../tree/index.ts';
import { entryType } from './entries.ts';

interface RescueInput {
  /** Devices or images. */
  readonly paths: readonly string[];
}

interface Kept {
  readonly key: string;
  /** What the paths stood for. */
  readonly identities: readonly (string | undefined)[];
  readonly rescue: Rescue;
  readonly cancel: { current: CancelToken };
}

/** A way in may take a search of the whole disk: it is kept for the next question of this disk. */
const KEPT_MS = 5 * 60 * 1_000;
let kept: Kept | undefined;
let timer: NodeJS.Timeout | undefined;

export function rescueLook(input: RescueInput, context: VerbContext): RescueLook {
  // Whoever looks once more has a reason to: a disk that was away may be read again.
  forgetRescue();
  const { entry, volume, lost, ...rescue } = facts(opened(input, context));
  return { entry, label: volume.label, subvolumes: rescue.subvolumes, lost: [...lost] };
}

function facts(rescue: Rescue) {
  const { entry, volume, lost } = rescue;
  return { entry, volume, lost, subvolumes: rescue.subvolumes().map(plainSubvolume) };
}

export interface RescueListInput extends RescueInput {
  readonly subvolumeId: number;
  /** Only what lies below; '' for all. */
  readonly path: string;
  readonly offset: number;
  readonly limit: number;
}

/** A page of the files that can still be reached. */
export function rescueList(input: RescueListInput, context: VerbContext): RescueList {
  const { subvolume } = opened(input, context).open(input.subvolumeId);
  const below = input.path === '' ? '' : `${input.path.replace(/\/+$/, '')}/`;
  const files: RescueList['files'] = [];
  let total = 0;
  for (const file of listFiles(subvolume)) {
    context.cancel.check();
    const path = textFromBytes(file.path);
    if (!path.startsWith(below)) continue;
    if (total >= input.offset && files.length < input.limit) {
      const { type, isSubvolume, modifiedAt, inode, sizeBytes, problem } = file;
      const modifiedAtMs = modifiedAt === null ? null : Number(modifiedAt) * 1_000;
      const isTime = modifiedAtMs !== null && Number.isSafeInteger(modifiedAtMs);
      files.push({
        path,
        type: entryType(type, isSubvolume),
        inode,
        sizeBytes,
        modifiedAtMs: isTime ? modifiedAtMs : null,
        problem,
      });
    }
    total += 1;
  }
  return { files, total };
}

export interface RescueCopyInput extends RescueInput {
  readonly folder: string;
  /** Empty: all but read-only snapshots. */
  readonly subvolumeIds: readonly number[];
}

/** Copies out what can be read. */
export function rescueCopy(input: RescueCopyInput, context: VerbContext): RescueOutcome {
  if (!input.folder.startsWith('/')) {
    throw usage('not-absolute', 'The folder to copy to must be named from the root (/).');
  }
  const rescue = opened(input, context);
  let [files, bytes] = [0, 0];
  const hooks = {
    cancel: context.cancel,
    onCopied: (more: { bytes: number; path: Uint8Array }): void => {
      files += 1;
      bytes += more.bytes;
      const current = textFromBytes(more.path);
      context.progress({ step: 'copy', bytes, totalBytes: null, files, totalFiles: null, current });
    },
  };
  const wanted = new Set(input.subvolumeIds);
  const choose =
    wanted.size === 0 ? undefined : ({ id }: { readonly id: number }): boolean => wanted.has(id);
  const done = copyAll(rescue, bytesFromText(input.folder), choose, hooks);
  return outcomeOf(done, rescue);
}

function outcomeOf(
  { subvolumes, failed, leftOut }: ReturnType<typeof copyAll>,
  rescue: Rescue,
): RescueOutcome {
  return {
    subvolumes: subvolumes.map(({ info, folder, report }) => {
      const { files, directories, symlinks, bytes, unverifiedBytes } = report;
      const counts = { files, directories, symlinks, bytes, unverifiedBytes };
      return { ...plainSubvolume(info), folder: textFromBytes(folder), ...counts };
    }),
    failed: failed.map(({ info, reason }) => ({ ...plainSubvolume(info), reason })),
    leftOut: leftOut.map(plainSubvolume),
    losses: subvolumes.flatMap(({ info, report }) =>
      report.losses.map(({ path, ...loss }) => ({
        ...loss,
        subvolumeId: info.id,
        path: textFromBytes(path),
      })),
    ),
    lossesLeftOut: subvolumes.reduce((sum, { report }) => sum + report.lossesLeftOut, 0),
    lost: [...rescue.lost],
  };
}

function opened({ paths }: RescueInput, { cancel, progress }: VerbContext): Rescue {
  const key = JSON.stringify(paths);
  if (kept?.key !== key || isAnotherThere(paths, kept.identities)) {
    forgetRescue();
    const identities = paths.map(identityOfDevice);
    const holder = { current: cancel };
    const rescue = openRescue(paths, {
      cancel: { check: () => holder.current.check() },
      candidates: () => [...listBlockDevices(), ...listSiblingImages(paths)],
      onStep: (current) =>
        progress({ step: 'look', bytes: 0, totalBytes: null, files: 0, totalFiles: null, current }),
    });
    kept = { key, identities, rescue, cancel: holder };
  }
  kept.cancel.current = cancel;
  clearTimeout(timer);
  timer = setTimeout(forgetRescue, KEPT_MS);
  timer.unref();
  return kept.rescue;
}

/** Its devices are closed. */
export function forgetRescue(): void {
  kept?.rescue.close();
  kept = undefined;
}

function plainSubvolume(info: SubvolumeInfo) {
  const { id, path, isReachable, isReadOnly, generation } = info;
  return { subvolumeId: id, path: textFromBytes(path), isReachable, isReadOnly, generation };
}
