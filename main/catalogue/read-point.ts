import { InodeChanges } from '../engine/diff/inode-changes.ts';
import { walkChanges } from '../engine/diff/walk.ts';
import { KEY } from '../engine/format/constants.ts';
import { eachName, Inode, inodeNames, readInode, type Subvolume } from '../engine/tree/index.ts';
import { timeMs } from '../engine/verbs/entries.ts';
import type { InodeFacts, InodeState, Intake } from './intake.ts';

type Check = () => void;

/**
 * All inodes of a snapshot but its top directory, which has no name, in one pass over its leaves.
 * @returns how many
 */
export function takeAll(
  subvolume: Subvolume,
  intake: Pick<Intake, 'addNew'>,
  check: Check,
): number {
  let count = 0;
  let inode: Inode | undefined;
  let names: { parent: number; name: Uint8Array }[] = [];
  const flush = (): void => {
    if (inode !== undefined && names.length > 0 && inode.number !== subvolume.rootInode) {
      intake.addNew(stateOf(inode, names));
      count += 1;
    }
    inode = undefined;
    names = [];
  };
  const cursor = subvolume.cursor();
  for (cursor.seek(subvolume.rootInode, 0, 0); cursor.valid; cursor.next()) {
    const { type, node, slot } = cursor;
    if (type === KEY.inodeItem) {
      flush();
      check();
      inode = new Inode(node, slot);
    } else if (type === KEY.inodeRef || type === KEY.inodeExtref) {
      eachName(node, slot, (parent, _index, start, length) => {
        names.push({ parent, name: node.bytes.subarray(start, start + length) });
      });
    }
  }
  flush();
  return count;
}

/** What differs from the point before, by the shared subtrees that need not be read. */
export function takeChanges(
  before: Subvolume,
  after: Subvolume,
  intake: Intake,
  check: Check,
): number {
  let count = 0;
  const gather = new InodeChanges(({ inode, oldItem, newItem, hasNames }) => {
    check();
    count += 1;
    const isOnBothSides = oldItem !== undefined && newItem !== undefined;
    // Most changes are of what a file holds: its names are not looked for.
    if (isOnBothSides && !hasNames) intake.setFacts(inode, factsIn(after, inode));
    else intake.set(inode, stateIn(after, inode));
  });
  walkChanges(after.volume, before.root, after.root, gather);
  gather.finish();
  return count;
}

function stateIn(subvolume: Subvolume, number: number): InodeState | undefined {
  const facts = factsIn(subvolume, number);
  return facts && { ...facts, names: inodeNames(subvolume, number) };
}

/** Undefined of what has no name: it is gone, or the top directory. */
function factsIn(subvolume: Subvolume, number: number): InodeFacts | undefined {
  const inode = readInode(subvolume, number);
  if (inode === undefined || inode.links === 0 || number === subvolume.rootInode) return undefined;
  return factsOf(inode);
}

function stateOf(inode: Inode, names: InodeState['names']): InodeState {
  return { ...factsOf(inode), names };
}

function factsOf({ number, mode, size, mtime, transid }: Inode): InodeFacts {
  return { inode: number, type: typeOf(mode), size, modifiedMs: timeMs(mtime), transid };
}

/** FILE_TYPE of the mode's type (the order of `S_IF*` in `mode >> 12`). */
function typeOf(mode: number): number {
  const types: Record<number, number> = { 1: 5, 2: 3, 4: 2, 6: 4, 8: 1, 10: 7, 12: 6 };
  return types[mode >>> 12] ?? 0;
}
