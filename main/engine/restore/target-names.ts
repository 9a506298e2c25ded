import { printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { filesystemOf, MAGIC } from '../../linux/files.ts';
import type { Mount } from '../../linux/mounts.ts';
import { numberedName, portableName } from '../sink/folder-names.ts';
import { joinPath, splitPath } from '../tree/index.ts';
import { mountOf } from '../../linux/mount-of.ts';
import type { Note } from '../../../shared/said.ts';
import { lostName } from '../sink/lost.ts';

/** Filesystems whose names Windows must be able to read, whatever their driver here would take. */
const OF_WINDOWS: readonly number[] = [
  ...[MAGIC.exfat, MAGIC.msdos, MAGIC.ntfs, MAGIC.ntfs3, MAGIC.cifs, MAGIC.smb2],
];
const TYPES_OF_WINDOWS = ['exfat', 'vfat', 'msdos', 'ntfs', 'ntfs3', 'fuseblk', 'cifs', 'smb3'];

export type OnName = (from: Uint8Array, what: Note) => void;

/** What names are called at a target: as they are where it takes every name. */
export class TargetNames {
  /** Characters are forbidden, and case does not tell two names apart. */
  readonly isPortable: boolean;

  constructor(isPortable: boolean) {
    this.isPortable = isPortable;
  }

  /** Of the filesystem that an open folder is on. */
  static at(root: number): TargetNames {
    return new TargetNames(isOfWindows(filesystemOf(root).magic, mountOf(root)));
  }

  /** A path that is asked for, each name of it made portable. */
  path(to: Uint8Array): Uint8Array {
    if (!this.isPortable) return to;
    return splitPath(to).reduce(
      (sum, name) => joinPath(sum, portableName(name)),
      new Uint8Array(0) as Uint8Array,
    );
  }

  /** Tells that what was asked for under another name is called so at the target. */
  tell(from: Uint8Array, to: Uint8Array, onName: OnName): void {
    const [name, real] = [splitPath(from).at(-1), splitPath(to).at(-1)];
    if (!this.isPortable || name === undefined || real === undefined) return;
    if (!portableName(name).equals(name)) onName(from, calledHere(real));
  }

  /**
   * What the entries of one folder are called, asked in their order: the same again for a run that
   * goes on after a kill. A name that is another one here is told.
   */
  inFolder(onName: OnName): (name: Uint8Array, from: Uint8Array) => Uint8Array {
    if (!this.isPortable) return (name) => name;
    const taken = new Set<string>();
    return (name, from) => {
      const wanted = portableName(name);
      let real = wanted;
      for (let n = 2; taken.has(folded(real)); n += 1) real = numberedName(wanted, n);
      taken.add(folded(real));
      if (!real.equals(name)) onName(from, calledHere(real));
      return real;
    };
  }
}

function calledHere(real: Uint8Array): Note {
  return lostName(printable(textFromBytes(real)));
}

/** Something in user space that lies on a disk is NTFS or exFAT; anything else takes what it takes. */
function isOfWindows(magic: number, mount: Mount | undefined): boolean {
  if (OF_WINDOWS.includes(magic)) return true;
  return mount !== undefined && TYPES_OF_WINDOWS.includes(mount.filesystem);
}

/** As Windows compares names, or a little wider: a number too many does no harm. */
function folded(name: Buffer): string {
  return name.toString().toUpperCase();
}
