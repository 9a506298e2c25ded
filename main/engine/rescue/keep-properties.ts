import { chmodSync, lchownSync } from 'node:fs';
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW } from '../../linux/files.ts';
import { checked, errnoName, SystemError } from '../../linux/libc-error.ts';
import { libc } from '../../linux/libc.ts';
import { setXattr } from '../../linux/xattr.ts';
import { forPeople, isSymlink, readXattrs, type Inode, type Subvolume } from '../tree/index.ts';
import type { Losses } from './losses.ts';
import { noted, say, type Note } from '../../../shared/said.ts';

/** It would give rights away: like set-user-id bits it is for a restore onto a whole system. */
const CAPABILITY = 'security.capability';
const COMPRESSION = 'btrfs.compression';
/** The target has no such thing, or not for this user: it would refuse the next as well. */
const LASTING = ['EOPNOTSUPP', 'ENOTSUP', 'ENOSYS', 'EPERM', 'EINVAL'];
const NUL = Buffer.of(0);

/**
 * Keeps owner, attributes, mode and times of what a rescue copies, as far as its target and the
 * user's rights allow: who is not root gives away no files. What a target refuses is told once
 * for each kind and not tried again, or a large tree on exFAT would report little else.
 */
export class KeptProperties {
  readonly #subvolume: Subvolume;
  readonly #losses: Losses;
  readonly #isRoot = process.geteuid?.() === 0;
  readonly #refused = new Set<string>();
  readonly #times = Buffer.alloc(32);

  constructor(subvolume: Subvolume, losses: Losses) {
    this.#subvolume = subvolume;
    this.#losses = losses;
  }

  /**
   * To be called when nothing is written there any more: that would change its times.
   * @throws Cancelled; all else is told as a loss.
   */
  keep(target: Buffer, path: Uint8Array, inode: Inode): void {
    const place = Buffer.concat([target, NUL]);
    const attempt = (what: Note, write: () => void): void =>
      this.#attempt(path, inode.number, what, write);
    if (this.#isRoot)
      attempt(noted('owners', 'owners'), () => lchownSync(target, inode.uid, inode.gid));
    const read = (): ReturnType<typeof readXattrs> => readXattrs(this.#subvolume, inode.number);
    for (const { name, value } of this.#losses.guard(path, inode.number, 'properties', read) ??
      []) {
      const text = forPeople(name);
      // The second is a hint to btrfs alone, and no loss elsewhere.
      if (text === CAPABILITY || text === COMPRESSION) continue;
      attempt(noted('attributes', say`attributes of "${{ kind: kindOf(text) }}"`), () =>
        setXattr(place, Buffer.concat([name, NUL]), value),
      );
    }
    if (!isSymlink(inode.mode))
      attempt(noted('modes', 'modes'), () => chmodSync(target, inode.mode & 0o1777));
    attempt(noted('times', 'times'), () => this.#setTimes(place, inode));
  }

  #attempt(path: Uint8Array, inode: number, what: Note, write: () => void): void {
    if (this.#refused.has(what.text)) return;
    try {
      write();
    } catch (error) {
      const code = codeOf(error);
      const isLasting = LASTING.includes(code);
      if (isLasting) this.#refused.add(what.text);
      const once = isLasting ? '; told once' : '';
      const reason = noted(
        isLasting ? 'target-never-keeps' : 'target-does-not-keep',
        say`The target does not keep ${{ what }} (${{ code }})${once}.`,
      );
      this.#losses.lose(path, inode, 'properties', reason);
    }
  }

  /** Seconds are u64 and nanoseconds u32 on disk, one after the other: `struct timespec` pads. */
  #setTimes(place: Buffer, { times }: Inode): void {
    this.#times.fill(0);
    this.#times.set(times.subarray(0, 12), 0);
    this.#times.set(times.subarray(24, 36), 16);
    const result = libc().utimensat(AT_FDCWD, place, this.#times, AT_SYMLINK_NOFOLLOW);
    checked(result, 'set the times of', place);
  }
}

/** 'user' of 'user.comment'; an access list is a kind of its own. */
function kindOf(name: string): string {
  return name.startsWith('system.') ? name : name.slice(0, Math.max(0, name.indexOf('.')));
}

function codeOf(error: unknown): string {
  if (error instanceof SystemError) return errnoName(error.errno);
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
