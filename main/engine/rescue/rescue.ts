import { conflict } from '../../../shared/errors.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import {
  forPeople,
  listSubvolumes,
  openSubvolume,
  Subvolume,
  trimSlashes,
  type SubvolumeInfo,
} from '../tree/index.ts';
import type { Damage, TreeRoot, Volume } from '../volume/index.ts';
import { leavesByScan } from './leaves-by-scan.ts';
import { gapsOf, salvageTree, type FoundLeaf, type LostBlock } from './salvage.ts';
import { standInTree } from './stand-in-tree.ts';

export interface RescueOptions {
  readonly cancel?: { check(): void };
  readonly onDamage?: (damage: Damage) => void;
  /** Told what is being tried: a sentence. */
  readonly onStep?: (step: Note) => void;
  /** Where to look for devices of the filesystem that were not named. Default: nowhere. */
  readonly candidates?: () => readonly string[];
}

/** A filesystem that is read as far as it goes. */
export class Rescue {
  readonly volume: Volume;
  /** Which way in worked, in words. */
  readonly entry: Note;
  readonly lost: LostBlock[] = [];
  /** The newest that a superblock names; above the volume's own where its trees cannot be read. */
  newestGeneration: number;
  readonly #options: RescueOptions;
  readonly #salvaged = new Map<number, readonly LostBlock[]>();
  readonly #entered: SubvolumeInfo[] = [];

  constructor(volume: Volume, entry: Note, options: RescueOptions) {
    this.volume = volume;
    this.entry = entry;
    this.newestGeneration = volume.generation;
    this.#options = options;
  }

  /** Every subvolume and snapshot that the root tree, or an older one, still names. */
  subvolumes(): SubvolumeInfo[] {
    return [...listSubvolumes(this.volume, true), ...this.#entered];
  }

  /** This subvolume, which the root tree does not name, begins at this root. */
  enter(info: SubvolumeInfo, root: TreeRoot): void {
    this.volume.standIn(root, []);
    this.#entered.push(info);
  }

  /**
   * Opens a subvolume whose tree may be damaged: what is left of it is put together. Where
   * blocks above its leaves are lost, the leaves are looked for on the devices.
   * @throws Conflict `subvolume-not-found`.
   */
  open(which: number | Uint8Array | SubvolumeInfo): {
    subvolume: Subvolume;
    lost: readonly LostBlock[];
  } {
    const found = openSubvolume(this.volume, this.#infoOf(which));
    const lost = this.#salvaged.get(found.id) ?? this.#salvage(found);
    this.#salvaged.set(found.id, lost);
    const root = this.volume.root(found.id) ?? found.root;
    return { subvolume: new Subvolume(this.volume, found.info, root), lost };
  }

  /** Places that are lost must not keep from opening what still has one. */
  #infoOf(which: number | Uint8Array | SubvolumeInfo): number | Uint8Array | SubvolumeInfo {
    if (typeof which === 'object' && !(which instanceof Uint8Array)) return which;
    const wanted = typeof which === 'number' ? undefined : Buffer.from(trimSlashes(which));
    const known = this.subvolumes().find(({ id, path, isReachable }) =>
      wanted === undefined ? id === which : isReachable && wanted.equals(path),
    );
    if (known !== undefined) return known;
    const name =
      wanted === undefined
        ? noted('with-id', say`with id ${{ id: String(which) }}`)
        : forPeople(wanted);
    throw conflict(
      'subvolume-not-found',
      say`There is no subvolume ${{ name }} that can be reached.`,
      {
        hint: 'dendro rescue without --to shows those that can.',
      },
    );
  }

  close(): void {
    this.volume.close();
  }

  #salvage({ root, info }: Subvolume): readonly LostBlock[] {
    this.#options.onStep?.(noted('rescue-reading', say`Reading tree ${{ tree: root.id }}.`));
    const { leaves, lost, strays, owners } = salvageTree(this.volume, root);
    if (lost.length === 0) return lost;
    const below = this.#searchBelow(lost, new Set([...owners, ...this.#sourceOf(info)]));
    const searched = new Set(below.map(({ logical }) => logical));
    const found = [...below, ...strays.filter(({ logical }) => !searched.has(logical))];
    standInTree(this.volume, root.id, leaves, found);
    const foundIn = new Map<number, number>();
    for (const { gap } of found) foundIn.set(gap, (foundIn.get(gap) ?? 0) + 1);
    const counted = lost.map((block, i) => {
      const more = foundIn.get(i);
      return more === undefined
        ? block
        : { ...block, leavesFound: (block.leavesFound ?? 0) + more };
    });
    // one at a time: there may be more than a call takes arguments
    for (const block of counted) this.lost.push(block);
    return counted;
  }

  /** Leaves that may have stood below lost blocks: only those of the trees that share blocks. */
  #searchBelow(lost: readonly LostBlock[], owners: ReadonlySet<number>): FoundLeaf[] {
    const isKnown = ({ level, leavesFound }: LostBlock) => level === 0 || leavesFound !== undefined;
    if (lost.every(isKnown)) return [];
    const { tree } = lost[0]!;
    const step = say`Searching the devices for what is left of tree ${{ tree }}.`;
    this.#options.onStep?.(noted('rescue-searching-tree', step));
    const gapOf = gapsOf(lost);
    return leavesByScan(this.volume, owners, this.#options).flatMap((leaf) => {
      const gap = gapOf(leaf);
      return gap < 0 ? [] : [{ ...leaf, gap }];
    });
  }

  /** A snapshot shares blocks with what it was taken from. */
  #sourceOf({ parentUuid }: SubvolumeInfo): number[] {
    if (parentUuid.every((byte) => byte === 0)) return [];
    return this.subvolumes()
      .filter(({ uuid }) => Buffer.compare(uuid, parentUuid) === 0)
      .map(({ id }) => id);
  }
}
