import { closeSync, constants, lstatSync, openSync, readdirSync, type BigIntStats } from 'node:fs';
import { STUB_INODE } from '../../linux/btrfs-ioctl.ts';

/** Room for a name more below what a system call takes (PATH_MAX is 4,096). */
const LONGEST = 3_500;

export interface WalkedName {
  /** For any call, until the next name is asked for: not the place where a person finds it. */
  readonly path: Buffer;
  /** Undefined for the top. */
  readonly name: Buffer | undefined;
  readonly status: BigIntStats;
}

/** A folder that is gone through. */
interface Folder {
  readonly path: Buffer;
  /** Open, where the paths of what is in it begin. */
  readonly fd: number | undefined;
  readonly names: Iterator<Buffer>;
}

/**
 * Whether it is the empty folder that stands in a snapshot for a subvolume nested in the original.
 * Its times are not kept: it has those at which the kernel first looked at it.
 */
export function isStub(status: BigIntStats): boolean {
  return status.isDirectory() && status.ino === BigInt(STUB_INODE);
}

/**
 * What stands at a path and below it, each folder before what is in it, names in the order of their
 * bytes. Trees may be deeper than calls can be nested and paths may be long.
 */
export function* walkDown(top: Uint8Array): Generator<WalkedName> {
  const open: Folder[] = [];
  try {
    yield* visit(Buffer.from(top), undefined, open);
    for (let folder = open.at(-1); folder !== undefined; folder = open.at(-1)) {
      const { done, value: name } = folder.names.next();
      if (done === true) leave(open.pop()!);
      else yield* visit(below(folder.path, name), name, open);
    }
  } finally {
    open.forEach(leave);
  }
}

function* visit(path: Buffer, name: Buffer | undefined, open: Folder[]): Generator<WalkedName> {
  const status = lstatSync(path, { bigint: true });
  yield { path, name, status };
  if (!status.isDirectory()) return;
  const names = namesIn(path).values();
  const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = constants;
  const fd =
    path.length > LONGEST ? openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW) : undefined;
  const start = fd === undefined ? path : Buffer.from(`/proc/self/fd/${fd}`);
  open.push({ path: start, fd, names });
}

function leave({ fd }: Folder): void {
  if (fd !== undefined) closeSync(fd);
}

/** Who may not list a folder that was restored for somebody else cannot change what is in it. */
function namesIn(path: Buffer): Buffer[] {
  try {
    return readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return [];
    throw error;
  }
}

function below(folder: Buffer, name: Buffer): Buffer {
  return Buffer.concat([folder, Buffer.from('/'), name]);
}
