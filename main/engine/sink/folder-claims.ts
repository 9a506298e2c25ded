import { readdirSync } from 'node:fs';
import { AT_SYMLINK_NOFOLLOW, statAt, statFd, type FileStatus } from '../../linux/files.ts';
import type { Bytes } from '../stream/command-sink.ts';
import { ConfinedTree, isMissing, Place } from './confined-tree.ts';
import type { FolderMemory } from './folder-memory.ts';
import { joinNames, latin1 } from './path-names.ts';
import { numberedName, portableName } from './folder-names.ts';
import { NamesOnDisk } from './names-on-disk.ts';

/** The names that entries get on disk: their own where the filesystem takes them. */
export class FolderClaims {
  /** Called before a name that is not the stream's own is made. */
  onClaim: ((path: Bytes, real: Buffer) => void) | undefined;
  /** Names that a killed run had chosen for the command that comes next. */
  chosen = new Map<string, Buffer>();
  readonly #memory: FolderMemory;
  readonly #isPosix: boolean;
  readonly #isRepeating: () => boolean;
  readonly #look: ConfinedTree;
  readonly #onDisk: NamesOnDisk;
  readonly #place = new Place();

  constructor(top: number, memory: FolderMemory, isPosix: boolean, isRepeating: () => boolean) {
    this.#memory = memory;
    this.#isPosix = isPosix;
    this.#isRepeating = isRepeating;
    this.#look = new ConfinedTree(top);
    this.#onDisk = new NamesOnDisk((folder) => {
      return readdirSync(`/proc/self/fd/${this.#look.directory(folder)}`, 'buffer');
    });
  }

  /** A name that is free and allowed for a new entry; `self` is what is being renamed. */
  claim(path: Bytes, self?: Buffer): Buffer {
    if (this.#isPosix) return this.#memory.real(path);
    const slash = path.lastIndexOf(0x2f);
    const parent = this.#memory.real(path.subarray(0, Math.max(0, slash)));
    const name = Buffer.from(path.subarray(slash + 1));
    const at = (one: Buffer): Buffer => (parent.length === 0 ? one : joinNames([parent, one]));
    const real = this.#choose(path, name, parent, (one) => this.#isTaken(at(one), self));
    if (!real.equals(name)) {
      this.onClaim?.(path, real);
      this.#memory.entry(path).real = real;
      this.#memory.hasRealNames = true;
    } else {
      delete this.#memory.find(path)?.real;
    }
    this.#onDisk.made(at(real));
    return at(real);
  }

  identityOf(real: Buffer): number | bigint | undefined {
    try {
      return this.statusOf(real).identity;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  statusOf(real: Buffer): FileStatus {
    if (real.length === 0) return statFd(this.#look.root);
    this.#look.locate(real, this.#place);
    return statAt(this.#place.dir, this.#place.name, AT_SYMLINK_NOFOLLOW);
  }

  /** To be called when something was renamed. */
  moved(from: Buffer, to: Buffer): void {
    this.removed(from);
    this.removed(to);
    this.#onDisk.made(to);
  }

  /** To be called when something at this path on disk was removed, or was not made after all. */
  removed(real: Buffer): void {
    this.#look.forget(real);
    this.#onDisk.removed(real);
  }

  close(): void {
    this.#look.close();
  }

  #choose(path: Bytes, name: Buffer, parent: Buffer, isTaken: (one: Buffer) => boolean): Buffer {
    const before = this.chosen.get(latin1(path));
    this.chosen.delete(latin1(path));
    if (before !== undefined) return before;
    const wanted = portableName(name);
    if (!this.#isRepeating()) this.#onDisk.forget();
    else if (wanted.equals(name) && this.#isOwn(path, name, parent)) return name;
    let real = wanted;
    for (let n = 2; isTaken(real); n += 1) real = numberedName(wanted, n);
    return real;
  }

  /** Whether a run that was killed made it: nothing else has exactly this name. */
  #isOwn(path: Bytes, name: Buffer, parent: Buffer): boolean {
    if (!this.#onDisk.has(parent, name)) return false;
    return !this.#memory.isReal(path.subarray(0, Math.max(0, path.lastIndexOf(0x2f))), name);
  }

  #isTaken(real: Buffer, self?: Buffer): boolean {
    const inode = this.identityOf(real);
    return inode !== undefined && (self === undefined || inode !== this.identityOf(self));
  }
}
