import { conflict, corrupt, DendroError } from '../../../shared/errors.ts';
import { noted, say } from '../../../shared/said.ts';
import { KEY, OBJECT, ROOT_READ_ONLY, TREE } from '../format/constants.ts';
import { ROOT_ITEM, ROOT_REF, TIMESPEC } from '../format/layouts.ts';
import type { Node } from '../volume/index.ts';
import {
  Cursor,
  leafAddresses,
  namedInRootItem,
  parseTreeRoot,
  type TreeRoot,
  type Volume,
} from '../volume/index.ts';
import { inodePath } from './names.ts';
import { forPeople, joinPath, trimSlashes } from './paths.ts';

export interface Time {
  /** Since 1970, may be negative. */
  readonly seconds: bigint;
  readonly nanoseconds: number;
}

/** What the root tree says of a subvolume or snapshot (`btrfs_root_item`, `btrfs_root_ref`). */
export interface SubvolumeInfo {
  readonly id: number;
  /** The subvolume it stands in; 0 for the top level and for what stands nowhere. */
  readonly parentId: number;
  /** From the top level, without a leading slash; the top level itself is empty. */
  readonly path: Uint8Array;
  /** False for one whose place is lost; its path then is empty. */
  readonly isReachable: boolean;
  readonly generation: number;
  /** Generation of its creation. */
  readonly otransid: number;
  readonly ctransid: number;
  readonly stransid: number;
  readonly rtransid: number;
  readonly lastSnapshot: number;
  /** 16 bytes each; all zeros: none. */
  readonly uuid: Uint8Array;
  readonly parentUuid: Uint8Array;
  readonly receivedUuid: Uint8Array;
  readonly flags: bigint;
  readonly isReadOnly: boolean;
  readonly rootInode: number;
  /** 0: deleted, its blocks not yet freed. */
  readonly references: number;
  readonly otime: Time;
  readonly rtime: Time;
}

/** A subvolume, open: everything about its files starts here. */
export class Subvolume {
  readonly volume: Volume;
  readonly info: SubvolumeInfo;
  readonly #root: TreeRoot;

  constructor(volume: Volume, info: SubvolumeInfo, root: TreeRoot) {
    this.volume = volume;
    this.info = info;
    this.#root = root;
  }

  /** In the volume's generation: a balance moves the tree of a read-only snapshot too. */
  get root(): TreeRoot {
    return this.volume.root(this.id) ?? this.#root;
  }

  get id(): number {
    return this.info.id;
  }
  get rootInode(): number {
    return this.info.rootInode;
  }
  cursor(): Cursor {
    return new Cursor(this.volume, this.root);
  }

  /** What the root tree says by now; undefined once it is deleted, which frees its blocks bit by bit. */
  infoNow(): SubvolumeInfo | undefined {
    const cursor = this.volume.cursor(TREE.root);
    cursor.seek(this.id, KEY.rootItem, 0);
    if (!cursor.valid || cursor.objectId !== this.id || cursor.type !== KEY.rootItem)
      return undefined;
    const info = parseInfo(cursor.node, cursor.slot);
    return info.references > 0 || this.id === TREE.fs ? info : undefined;
  }

  /** These inodes will be looked at soon: what holds them is read now, many blocks at a time. */
  expectInodes(inodes: readonly number[]): void {
    this.volume.fetch(leafAddresses(this.volume, this.root, inodes, KEY.inodeItem));
  }
}

/**
 * All subvolumes and snapshots that are not deleted, in order of id.
 * @param isTolerant a place that cannot be read leaves its subvolume unreachable, and a root item
 *   that is damaged leaves it out.
 * @throws Corrupt, Io.
 */
export function listSubvolumes(volume: Volume, isTolerant = false): SubvolumeInfo[] {
  const bare = readRootTree(volume, isTolerant);
  const paths = newPaths();
  return [...bare.values()].flatMap((one) => withPlace(volume, bare, paths, one, isTolerant) ?? []);
}

type Paths = Map<number, Uint8Array | undefined>;

function newPaths(): Paths {
  return new Map([[TREE.fs, new Uint8Array(0)]]);
}

/** Undefined for one that was deleted. */
function withPlace(
  volume: Volume,
  bare: ReadonlyMap<number, Bare>,
  paths: Paths,
  { info, place }: Bare,
  isTolerant = false,
): SubvolumeInfo | undefined {
  if (info.references === 0 && info.id !== TREE.fs) return undefined;
  const path = tolerate(isTolerant, () => pathOf(volume, bare, paths, info.id, 0));
  return {
    ...info,
    parentId: place?.parent ?? 0,
    path: path ?? new Uint8Array(0),
    isReachable: path !== undefined,
  };
}

/** Those deleted whose blocks are still there: their space is not free yet. */
export function listDeletedSubvolumes(volume: Volume): SubvolumeInfo[] {
  return [...readRootTree(volume).values()]
    .map(({ info }) => info)
    .filter(({ references, id }) => references === 0 && id !== TREE.fs);
}

/**
 * Opens by id, by path from the top level (slashes at either end do not matter), or from
 * what `listSubvolumes` gave. @throws Conflict `subvolume-not-found`.
 */
export function openSubvolume(
  volume: Volume,
  which: number | Uint8Array | SubvolumeInfo,
): Subvolume {
  const info = find(volume, which);
  const root = info && volume.root(info.id);
  if (info !== undefined && root !== undefined) return new Subvolume(volume, info, root);
  const name =
    which instanceof Uint8Array
      ? forPeople(which)
      : noted('with-id', say`with id ${{ id: idOf(which) }}`);
  throw conflict('subvolume-not-found', say`There is no subvolume ${{ name }}.`, {
    hint: 'dendro ls shows the subvolumes.',
  });
}

/** The id of the subvolume that a plain mount shows (`btrfs subvolume get-default`). */
export function defaultSubvolume(volume: Volume): number {
  const cursor = volume.cursor(TREE.root);
  cursor.seek(TREE.rootDirectory, KEY.dirItem, 0);
  for (; cursor.valid && cursor.objectId === TREE.rootDirectory; cursor.next()) {
    if (cursor.type !== KEY.dirItem || cursor.dataSize < 17) continue;
    const id = Number(cursor.node.view.getBigInt64(cursor.dataStart, true));
    if (id === TREE.fs || id >= OBJECT.firstFree) return id;
  }
  return TREE.fs;
}

function tolerate<T>(isTolerant: boolean, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    const isDamage =
      error instanceof DendroError && (error.kind === 'Corrupt' || error.kind === 'Io');
    if (isTolerant && isDamage) return undefined;
    throw error;
  }
}

interface Place {
  readonly parent: number;
  readonly directory: number;
  readonly name: Uint8Array;
}
interface Bare {
  readonly info: SubvolumeInfo;
  place: Place | undefined;
}

function find(
  volume: Volume,
  which: number | Uint8Array | SubvolumeInfo,
): SubvolumeInfo | undefined {
  if (typeof which === 'object' && !(which instanceof Uint8Array)) return which;
  if (typeof which === 'number') return findById(volume, which);
  const wanted = Buffer.from(trimSlashes(which));
  return listSubvolumes(volume).find(({ path, isReachable }) => isReachable && wanted.equals(path));
}

/** As it is in the list of all, of which there may be thousands: it and those above it are read. */
function findById(volume: Volume, id: number): SubvolumeInfo | undefined {
  const bare = new Map<number, Bare>();
  for (let next: number | undefined = id; next !== undefined && !bare.has(next);) {
    readRootItems(volume, next, bare);
    next = bare.get(next)?.place?.parent;
  }
  const found = bare.get(id);
  return found && withPlace(volume, bare, newPaths(), found);
}

function idOf(which: number | SubvolumeInfo | Uint8Array): number {
  return typeof which === 'number' ? which : (which as SubvolumeInfo).id;
}

function readRootTree(volume: Volume, isTolerant = false): Map<number, Bare> {
  const found = new Map<number, Bare>();
  const cursor = volume.cursor(TREE.root);
  for (cursor.seek(TREE.fs, 0, 0); cursor.valid; cursor.next()) {
    const id = cursor.objectId;
    if (id < 0) break; // the special trees with negative ids come last
    if (id !== TREE.fs && id < OBJECT.firstFree) continue;
    takeItem(cursor, found, isTolerant);
  }
  return found;
}

function readRootItems(volume: Volume, id: number, found: Map<number, Bare>): void {
  if (id !== TREE.fs && id < OBJECT.firstFree) return;
  const cursor = volume.cursor(TREE.root);
  for (cursor.seek(id, 0, 0); cursor.valid && cursor.objectId === id; cursor.next()) {
    // Behind these come the subvolumes in it, which may be thousands.
    if (cursor.type > KEY.rootBackref) return;
    takeItem(cursor, found, false);
  }
}

function takeItem(cursor: Cursor, found: Map<number, Bare>, isTolerant: boolean): void {
  const { node, slot, objectId: id, type } = cursor;
  if (type === KEY.rootItem) {
    const info = tolerate(isTolerant, () => parseInfo(node, slot));
    if (info !== undefined) found.set(id, { info, place: undefined });
  } else if (type === KEY.rootBackref) {
    const entry = found.get(id);
    if (entry !== undefined) entry.place = tolerate(isTolerant, () => parsePlace(node, slot));
  }
}

function parseInfo(node: Node, slot: number): SubvolumeInfo {
  const { id } = parseTreeRoot(node, slot);
  const bytes = new Uint8Array(ROOT_ITEM.size); // the old form is shorter: the rest is zeros
  bytes.set(node.data(slot).subarray(0, ROOT_ITEM.size));
  const view = new DataView(bytes.buffer);
  const isNew = ROOT_ITEM.at.generationV2;
  if (view.getBigUint64(isNew, true) !== view.getBigUint64(ROOT_ITEM.at.generation, true)) {
    bytes.fill(0, isNew);
  }
  return namedInRootItem(node, slot, () => infoOf(id, view));
}

/** It goes into streams, where -1 is 2^64 - 1, which no receiver takes. */
function transid(value: number): number {
  if (value >= 0) return value;
  const all = BigInt.asUintN(64, BigInt(value));
  throw corrupt('number-too-large', say`The number ${{ value: all }} is too large to be true.`);
}

/** A subvolume of which only the number is known. */
export function unknownSubvolume(id: number): SubvolumeInfo {
  const view = new DataView(new ArrayBuffer(ROOT_ITEM.size));
  return { ...infoOf(id, view), rootInode: OBJECT.firstFree, isReachable: id === TREE.fs };
}

function infoOf(id: number, view: DataView): SubvolumeInfo {
  const item = ROOT_ITEM.read(view, 0);
  return {
    id,
    parentId: 0,
    path: new Uint8Array(0),
    isReachable: false,
    generation: item.generation,
    otransid: item.otransid,
    ctransid: transid(item.ctransid),
    stransid: transid(item.stransid),
    rtransid: item.rtransid,
    lastSnapshot: item.lastSnapshot,
    uuid: item.uuid,
    parentUuid: item.parentUuid,
    receivedUuid: item.receivedUuid,
    flags: item.flags,
    isReadOnly: (item.flags & BigInt(ROOT_READ_ONLY)) !== 0n,
    rootInode: item.rootDirectory,
    references: item.references,
    otime: timeAt(view, ROOT_ITEM.at.otime),
    rtime: timeAt(view, ROOT_ITEM.at.rtime),
  };
}

export function timeAt(view: DataView, at: number): Time {
  return {
    seconds: view.getBigInt64(at, true),
    nanoseconds: view.getUint32(at + TIMESPEC.at.nanoseconds, true),
  };
}

function parsePlace(node: Node, slot: number): Place {
  const start = node.dataStart(slot);
  const size = node.dataSize(slot);
  if (size < ROOT_REF.size) throw badRef(node, slot);
  const { directory, nameLength } = ROOT_REF.read(node.view, start);
  if (ROOT_REF.size + nameLength > size) throw badRef(node, slot);
  const name = node.bytes.slice(start + ROOT_REF.size, start + ROOT_REF.size + nameLength);
  return { parent: node.offset(slot), directory, name };
}

/** Parents above parents: no chain is longer than there are subvolumes. */
function pathOf(
  volume: Volume,
  all: ReadonlyMap<number, Bare>,
  known: Paths,
  id: number,
  depth: number,
): Uint8Array | undefined {
  if (known.has(id)) return known.get(id);
  known.set(id, undefined); // a cycle ends here
  const place = all.get(id)?.place;
  if (place === undefined || depth > 1000 || !all.has(place.parent)) return undefined;
  const above = pathOf(volume, all, known, place.parent, depth + 1);
  const root = volume.root(place.parent);
  if (above === undefined || root === undefined) return undefined;
  const parent = new Subvolume(volume, all.get(place.parent)!.info, root);
  const directory = inodePath(parent, place.directory);
  if (directory === undefined) return undefined;
  const path = joinPath(joinPath(above, directory), place.name);
  known.set(id, path);
  return path;
}

function badRef(node: Node, slot: number): Error {
  return corrupt(
    'root-ref-damaged',
    say`The place of subvolume ${{ subvolume: node.objectId(slot) }} is damaged.`,
    {
      place: { tree: TREE.root, logical: node.logical },
    },
  );
}
