import { subvolumeInfo } from '../../linux/btrfs-ioctl.ts';
import { tryCloneRange } from '../../linux/btrfs-ioctl-file.ts';
import {
  closeFd,
  cString,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  statFd,
  tryOpenBeneath,
} from '../../linux/files.ts';
import { openTopLevel } from '../../linux/private-mount.ts';
import { DendroError } from '../../../shared/errors.ts';
import type { Subvolume } from '../tree/index.ts';
import { isMountOf, type Volume } from '../volume/index.ts';

/** After so many refusals in a row the rest is copied without asking (Linux before 5.18: EXDEV). */
const MAX_REFUSALS = 32;

/**
 * The snapshots of a mounted volume as the kernel shows them, to share extents with: a restore
 * onto the same filesystem then writes no data at all.
 */
export class ReflinkSource {
  readonly #top: number;
  readonly #volume: Volume;
  readonly #subvolumes = new Map<number, number | undefined>();
  #refusals = 0;

  private constructor(top: number, volume: Volume) {
    this.#top = top;
    this.#volume = volume;
  }

  /** Undefined unless `target` lies on the mounted filesystem that the volume is read from. */
  static open(volume: Volume, target: number): ReflinkSource | undefined {
    if (!isMountOf(volume, target)) return undefined;
    try {
      return new ReflinkSource(openTopLevel(target), volume);
    } catch (error) {
      if (error instanceof DendroError) return undefined; // not root, or an older kernel
      throw error;
    }
  }

  /** The subvolume's top directory; undefined when what stands there is not the one that is read. */
  subvolume(subvolume: Subvolume): number | undefined {
    if (!this.#subvolumes.has(subvolume.id)) {
      this.#subvolumes.set(subvolume.id, this.#open(subvolume));
    }
    return this.#subvolumes.get(subvolume.id);
  }

  /**
   * Makes the empty file `into` share all extents of a file of a snapshot. False: not here; the
   * bytes have to be copied.
   */
  tryClone(subvolume: Subvolume, path: Uint8Array, inode: number, into: number): boolean {
    if (this.#refusals >= MAX_REFUSALS) return false;
    const top = this.subvolume(subvolume);
    if (top === undefined) return false;
    const source = tryOpenBeneath(top, cString(path), O_RDONLY | O_NOFOLLOW);
    if (source < 0) return false;
    try {
      if (statFd(source).inode !== inode) return false;
      const isCloned = tryCloneRange(into, 0, 0, source, 0) >= 0;
      this.#refusals = isCloned ? 0 : this.#refusals + 1;
      return isCloned;
    } finally {
      closeFd(source);
    }
  }

  close(): void {
    for (const fd of this.#subvolumes.values()) if (fd !== undefined) closeFd(fd);
    closeFd(this.#top);
  }

  #open({ id, info }: Subvolume): number | undefined {
    const path = info.path.length === 0 ? cString('.') : cString(info.path);
    const fd = tryOpenBeneath(this.#top, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    if (fd < 0) return undefined;
    const found = subvolumeInfo(fd);
    const isSame = found.id === id && Buffer.compare(found.uuid, info.uuid) === 0;
    if (isSame && this.#volume.root(id) !== undefined) return fd;
    closeFd(fd);
    return undefined;
  }
}
