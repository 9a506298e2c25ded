import { conflict, DendroError } from '../../../shared/errors.ts';
import type { Member, Members } from './members.ts';
import { readSuperblockAt, type Superblock } from './superblock.ts';

/** Tries of one read on a volume that is written to. */
export const MAX_TRIES = 12;

/** What a block that was reused meanwhile looks like: bad, or on a device place that is gone. */
export function isStaleness(error: unknown): boolean {
  return (
    error instanceof DendroError &&
    (error.kind === 'Corrupt' || error.kind === 'Io' || error.kind === 'Usage')
  );
}

/**
 * The newest superblock that the devices hold now, each of which is remembered as its member's. A
 * device that holds something else by now is a member no longer.
 * @param findOthers adds devices of the filesystem that are not known: asked when one has left, for
 *   another may have taken its place (`btrfs replace`), also one that had left before; and when there
 *   are more of them than at the beginning (`btrfs device add`).
 * @throws Conflict `device-left` when it was the last one.
 */
export function newestSuperblock(
  members: Members,
  known: Superblock,
  findOthers: () => void = () => undefined,
): Superblock {
  const newest = readAll(members, known);
  const mayHaveCome = members.changes > 0 || members.wereAll;
  const isShort = mayHaveCome && members.all.length < newest.deviceCount;
  if (isShort) findOthers();
  const now = isShort ? readAll(members, known) : newest;
  if (members.all.some(({ superblock }) => isOf(known, superblock))) return now;
  throw conflict(
    'device-left',
    'The device that is read from does not belong to the filesystem any more.',
    {
      hint: 'It was replaced or removed meanwhile (btrfs replace, btrfs device remove). Start again.',
    },
  );
}

function readAll(members: Members, known: Superblock): Superblock {
  let newest = known;
  for (const member of members.all) {
    try {
      const superblock = readSuperblockAt(member.device, 0);
      if (!isOf(known, superblock) && !isOf(member.superblock, superblock)) {
        members.leave(member);
        continue;
      }
      members.update(member, superblock);
      if (isOf(newest, superblock) && superblock.generation > newest.generation)
        newest = superblock;
    } catch (error) {
      if (!isStaleness(error)) throw error;
      if (isWiped(error, member)) members.leave(member); // else it cannot be read just now
    }
  }
  return newest;
}

function isOf(filesystem: Superblock, { fsid }: Superblock): boolean {
  return Buffer.compare(fsid, filesystem.fsid) === 0;
}

/** The kernel takes the mark of btrfs off what has left a filesystem. */
function isWiped(error: unknown, { superblock }: Member): boolean {
  return error instanceof DendroError && error.code === 'not-btrfs' && superblock.copy === 0;
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));
/** Lets a commit in progress finish before the next try. */
export function pause(tries: number): void {
  Atomics.wait(sleeper, 0, 0, Math.min(5 * 2 ** tries, 500));
}
