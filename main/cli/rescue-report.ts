import { printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { counted } from '../../shared/said.ts';
import type { CopyReport, LostBlock, RescueReport } from '../engine/rescue/index.ts';
import type { SubvolumeInfo } from '../engine/tree/index.ts';
import { size } from './output.ts';

export function plainSubvolume(info: SubvolumeInfo) {
  const { id, path, isReachable, isReadOnly, generation } = info;
  return { subvolumeId: id, path: textFromBytes(path), isReachable, isReadOnly, generation };
}

export function plainReport(report: CopyReport) {
  const losses = report.losses.map(({ path, ...loss }) => ({ path: textFromBytes(path), ...loss }));
  return { ...report, losses };
}

/** What was lost of the files, and why. */
export function lossLines({ losses, lossesLeftOut }: CopyReport, folder = ''): string[] {
  return [
    ...losses.map(({ path, what, reason, offset, lengthBytes }) => {
      const range = offset === undefined ? '' : ` ${offset}+${lengthBytes ?? 0}`;
      const name = [folder, textFromBytes(path)].filter((part) => part !== '').join('/');
      return `lost ${what} of ${printable(name) || '/'}${range}: ${reason.text}`;
    }),
    ...(lossesLeftOut > 0 ? [`and ${lossesLeftOut} more`] : []),
  ];
}

/** What was lost of the trees themselves. */
export function lostBlockLines(lost: readonly LostBlock[]): string[] {
  return lost.map(({ tree, level, reason, fromObject, toObject, leavesFound, isRootItem }) => {
    if (isRootItem === true)
      return `lost the root of tree ${tree}: ${reason} Where the subvolume is listed, it begins at an older root, or was put together of what was found: something of it may be missing, or of another time`;
    const what = level === 0 ? 'a leaf' : `a block of level ${level}`;
    const range = `inodes ${fromObject} to ${toObject === Number.MAX_SAFE_INTEGER ? 'the last' : toObject}`;
    const found =
      leavesFound === undefined
        ? `what was in it of ${range} is gone`
        : `${leavesFound} leaves of it were found: something of ${range} may be missing, or of another time`;
    return `lost ${what} of tree ${tree}: ${reason} ${found}`;
  });
}

export function copyLines({ files, bytes, directories, symlinks, unverifiedBytes }: CopyReport) {
  return [
    `${files} ${counted(files, 'file', 'files')} (${size(bytes)}), ${directories} ${counted(directories, 'folder', 'folders')} and ${symlinks} ${counted(symlinks, 'link', 'links')} copied`,
    ...(unverifiedBytes > 0 ? [`${size(unverifiedBytes)} of it had no checksums`] : []),
  ];
}

/** The report on everything, for programs and for people; losses last. */
export function allReport(
  { subvolumes, failed, leftOut }: RescueReport,
  lost: readonly LostBlock[],
) {
  const plain = {
    subvolumes: subvolumes.map(({ info, folder, report }) => ({
      ...plainSubvolume(info),
      folder: textFromBytes(folder),
      report: plainReport(report),
    })),
    failed: failed.map(({ info, reason }) => ({ ...plainSubvolume(info), reason })),
    leftOut: leftOut.map(plainSubvolume),
    lost,
  };
  const nameOf = ({ id, path }: SubvolumeInfo): string =>
    `subvolume ${id} ${printable(textFromBytes(path)) || '/'}`;
  const lines = [
    ...subvolumes.flatMap(({ info, report }) =>
      copyLines(report).map((line) => `${nameOf(info)}: ${line}`),
    ),
    ...leftOut.map((info) => `${nameOf(info)}: a read-only snapshot, left out (--snapshots)`),
    ...subvolumes.flatMap(({ folder, report }) => lossLines(report, textFromBytes(folder))),
    ...failed.map(({ info, reason }) => `lost ${nameOf(info)}: ${reason.text}`),
    ...lostBlockLines(lost),
  ];
  const isWhole =
    lost.length + failed.length === 0 &&
    subvolumes.every(({ report }) => report.losses.length === 0);
  return { plain, lines, isWhole };
}
