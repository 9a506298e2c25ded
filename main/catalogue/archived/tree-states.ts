import { FILE_TYPE } from '../../engine/format/constants.ts';
import type { Inode, Kind } from '../../archive/tree/inode.ts';
import type { ArchiveTree } from '../../archive/tree/tree.ts';
import type { InodeState } from '../intake.ts';

const TYPES: Readonly<Record<Kind, number>> = {
  ...{ file: FILE_TYPE.regular, directory: FILE_TYPE.directory, symlink: FILE_TYPE.symlink },
  ...{ fifo: FILE_TYPE.fifo, socket: FILE_TYPE.socket },
  ...{ block: FILE_TYPE.blockDevice, character: FILE_TYPE.characterDevice },
};
/** Of every subvolume's top directory. */
const ROOT = 256;
/** Numbers from here on are our own: no filesystem has so many inodes. */
const OWN_NUMBERS = 2 ** 52;
/** Where the change time stands in the 48 bytes of `btrfs_inode_item`'s times. */
const CTIME = 12;

/** The inode numbers that the streams tell, made unique where a strange stream does not. */
export class InodeNumbers {
  readonly #known = new Map<number, number>();
  readonly #owners = new Map<number, Inode>();
  #next = OWN_NUMBERS;

  of(inode: Inode, isTop = false): number {
    if (isTop) return ROOT;
    let number = this.#known.get(inode.id);
    if (number === undefined) {
      const owner = this.#owners.get(inode.number);
      // Of one that was removed the number may come again.
      const isFree = inode.number > ROOT && (owner === undefined || owner.links <= 0);
      number = isFree ? inode.number : (this.#next += 1);
      this.#owners.set(number, inode);
      this.#known.set(inode.id, number);
    }
    return number;
  }
}

type Names = { readonly parent: number; readonly name: Uint8Array }[];

/**
 * Inodes of a tree with all their names.
 * @param wanted only these; all, when left out
 */
export function statesOf(
  tree: ArchiveTree,
  numbers: InodeNumbers,
  check: () => void,
  wanted?: ReadonlySet<number>,
): InodeState[] {
  const names = new Map<number, Names>();
  const open = [{ parent: ROOT, children: tree.top.children!.entries() }];
  for (let at = open.at(-1); at !== undefined; at = open.at(-1)) {
    const next = at.children.next();
    if (next.done === true) {
      open.pop();
      continue;
    }
    check();
    const [name, inode] = next.value;
    if (wanted === undefined || wanted.has(inode.id)) {
      const link = { parent: at.parent, name: Buffer.from(name, 'latin1') };
      const known = names.get(inode.id);
      if (known === undefined) names.set(inode.id, [link]);
      else known.push(link);
    }
    if (inode.children !== undefined) {
      open.push({ parent: numbers.of(inode), children: inode.children.entries() });
    }
  }
  return [...names].map(([id, links]) => stateOf(tree.inode(id), links, numbers));
}

function stateOf(inode: Inode, names: Names, numbers: InodeNumbers): InodeState {
  return {
    inode: numbers.of(inode),
    type: TYPES[inode.kind],
    size: inode.kind === 'file' ? inode.size : (inode.target?.length ?? 0),
    modifiedMs: inode.modifiedAtMs,
    transid: changedMs(inode),
    names,
  };
}

/** Streams know no transactions; the change time is as new with each change, and as the same. */
function changedMs({ times }: Inode): number {
  if (times === undefined) return 0;
  const ms = Number(times.readBigInt64LE(CTIME)) * 1_000;
  return Number.isSafeInteger(ms) ? ms + Math.floor(times.readUInt32LE(CTIME + 8) / 1e6) : 0;
}
