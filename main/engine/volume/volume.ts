import { corrupt, DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { allocateAligned, releaseAligned } from '../device/index.ts';
import { KEY, TREE } from '../format/constants.ts';
import { checksumOf, type Checksum } from './checksum.ts';
import { ChunkReader } from './chunk-reader.ts';
import { ChunkMap, parseSystemChunks, type Chunk } from './chunk-map.ts';
import { readChunkTree } from './chunk-tree.ts';
import { Cursor, type NodeSource } from './cursor.ts';
import type { Damage, DataOwner } from './damage.ts';
import { DamageReport, failedRead } from './damage-report.ts';
import { DataReader, type DataCheck } from './data-reader.ts';
import type { Members } from './members.ts';
import { NodeCache } from './node-cache.ts';
import type { Expected } from './node-check.ts';
import { NodeReader } from './node-reader.ts';
import type { Node } from './node.ts';
import { parseTreeRoot } from './root-item.ts';
import { AHEAD_BYTES } from './run-window.ts';
import { findLater } from './find-members.ts';
import { isStaleness, MAX_TRIES, newestSuperblock, pause } from './staleness.ts';
import type { Superblock } from './superblock.ts';
import { chunkTreeOf, rootTreeOf, type TreeRoot } from './tree-root.ts';

export interface VolumeOptions {
  /** Told of everything bad that was healed on the way. What cannot be healed is thrown. */
  readonly onDamage?: (damage: Damage) => void;
  /** Raised by another thread to stop long reads: `check` throws `Cancelled`. */
  readonly cancel?: { check(): void };
  /** Memory for tree blocks. */
  readonly cacheBytes?: number;
  /** Stays at the superblock it was given, whatever is on disk: for rescue. */
  readonly isPinned?: boolean;
  /** Stands for a chunk tree that cannot be read. */
  readonly chunks?: readonly Chunk[];
  /** Data whose checksum cannot be found is read all the same, as unverified. */
  readonly allowsMissingChecksums?: boolean;
  /**
   * Where to look for the other devices of a filesystem that has more than were named, or one of
   * which leaves it: paths, asked for only when some are missing. Default: nowhere.
   */
  readonly candidates?: () => readonly string[];
}

/**
 * Blocks that are kept for long become old for the collector, which looks for old garbage rarely: with
 * four times as much a full send of 200,000 files took a tenth longer, and 40 MiB more.
 */
const CACHE_BYTES = 8 * 1024 * 1024;
/** For the blocks on the way down in a tree, and what some trees have to themselves. */
const BYTES_PER_TREE = 160 * 1024;
const MAX_CACHE_BYTES = 64 * 1024 * 1024;
/** What the cache is meant for: a tree that is walked, and the one that it is compared with. */
const USUAL_TREES = 2;

/**
 * A btrfs filesystem at one generation: trees by id, tree blocks and data by logical
 * address, each verified. Everything is read at the generation of `superblock`; `refresh`
 * moves on to a newer one.
 */
export class Volume implements NodeSource {
  readonly members: Members;
  readonly checksum: Checksum;
  epoch = 0;
  #superblock: Superblock;
  readonly #options: VolumeOptions;
  readonly #cache: NodeCache;
  readonly #buffer = allocateAligned(AHEAD_BYTES);
  readonly #roots = new Map<number, TreeRoot | undefined>();
  readonly #standIns = new Map<number, TreeRoot>();
  readonly #made = new Map<number, Node>();
  #chunks!: ChunkReader;
  #nodes!: NodeReader;
  #data: DataReader | undefined;
  readonly #reports: DamageReport;
  /** Of the members that are read. */
  #memberChanges = 0;

  /** Use `openVolume`. @throws Corrupt, Io: the chunks cannot be read. */
  constructor(members: Members, superblock: Superblock, options: VolumeOptions = {}) {
    this.members = members;
    this.#superblock = superblock;
    this.#options = options;
    this.checksum = checksumOf(superblock.checksumType);
    this.#cache = new NodeCache((options.cacheBytes ?? CACHE_BYTES) / superblock.nodeSize);
    this.#reports = new DamageReport(options.onDamage, () => this.isCurrent());
    members.wereAll = members.all.length >= superblock.deviceCount;
    try {
      this.#load(superblock);
    } catch (error) {
      // The chunk tree may have been written anew since the superblock was read.
      if (!isStaleness(error) || !this.refresh()) throw error;
    }
  }

  get superblock(): Superblock {
    return this.#superblock;
  }
  get sectorSize(): number {
    return this.#superblock.sectorSize;
  }
  get nodeSize(): number {
    return this.#superblock.nodeSize;
  }
  get fsid(): Uint8Array {
    return this.#superblock.fsid;
  }
  get label(): string {
    return this.#superblock.label;
  }
  get generation(): number {
    return this.#superblock.generation;
  }
  get chunks(): ChunkReader {
    return this.#chunks;
  }

  /** Page-aligned memory: reads into it are zero copy. Freed with `release`. */
  allocate(lengthBytes: number): Uint8Array<ArrayBuffer> {
    return allocateAligned(lengthBytes);
  }
  release(memory: Uint8Array): void {
    releaseAligned(memory);
  }

  /** So many trees will be looked into by turns: more blocks stay at hand. */
  expectTrees(count: number): void {
    const bytes = CACHE_BYTES + BYTES_PER_TREE * Math.max(0, count - USUAL_TREES);
    this.#cache.widen(Math.min(bytes, MAX_CACHE_BYTES) / this.nodeSize);
  }

  /** A tree's root at this generation; undefined when there is no such tree. */
  root(id: number): TreeRoot | undefined {
    const standIn = this.#standIns.get(id);
    if (standIn !== undefined) return standIn;
    if (id === TREE.root) return rootTreeOf(this.#superblock);
    if (id === TREE.chunk) return chunkTreeOf(this.#superblock);
    if (this.#roots.has(id)) return this.#roots.get(id);
    const epoch = this.epoch;
    const cursor = new Cursor(this, rootTreeOf(this.#superblock));
    // a snapshot's root item has the generation that made it as offset
    const isThere =
      cursor.seek(id, KEY.rootItem, 0) && cursor.objectId === id && cursor.type === KEY.rootItem;
    const root = isThere ? parseTreeRoot(cursor.node, cursor.slot) : undefined;
    if (epoch === this.epoch) this.#roots.set(id, root);
    return root;
  }

  /** @throws Corrupt `tree-missing`. */
  requireRoot(id: number): TreeRoot {
    const root = this.root(id);
    if (root !== undefined) return root;
    throw corrupt('tree-missing', say`Tree ${{ tree: id }} is not in this filesystem.`, {
      place: { tree: id },
    });
  }

  cursor(id: number): Cursor {
    return new Cursor(this, this.requireRoot(id));
  }

  /**
   * From now on this root is the tree's; `blocks` are inner blocks made up in memory, at
   * addresses that no device has. For rescue: what is left of a tree as a tree.
   */
  standIn(root: TreeRoot, blocks: readonly Node[]): void {
    for (const block of blocks) this.#made.set(block.logical, block);
    this.#standIns.set(root.id, root);
  }

  /** A verified tree block; its bytes are never reused. @throws Corrupt, Io, Cancelled. */
  node(logical: number, expected: Expected): Node {
    this.#options.cancel?.check();
    return this.#made.get(logical) ?? this.#nodes.read(logical, expected);
  }

  /** A tree block that is bad, when no more than its checksum is wrong: for rescue. @throws Corrupt */
  unprovenNode(logical: number, expected: Expected): Node | undefined {
    return this.#nodes.readUnproven(logical, expected);
  }

  /** `node` of a child, reading along those that follow it and lie near it. */
  nodeAhead(parent: Node, slot: number, owner: number): Node {
    this.#options.cancel?.check();
    if (this.#made.size > 0) {
      const made = this.#made.get(parent.childLogical(slot));
      if (made !== undefined) return made;
    }
    return this.#nodes.readAhead(parent, slot, owner);
  }

  /** Begins to read children that will soon be asked for; false: enough are under way. */
  startAhead(parent: Node, first: number, last: number): boolean {
    return this.#nodes.startAhead(parent, first, last);
  }

  /** Blocks that will be asked for, in about this order; see `NodeReader.expect`. */
  expect(blocks: readonly number[]): void {
    this.#nodes.expect(blocks);
  }

  /** Begins to read blocks from all over the device; see `NodeReader.fetch`. */
  fetch(blocks: readonly number[]): void {
    this.#nodes.fetch(blocks);
  }

  /** Before `node` of blocks in order of address: reads along those that lie near. */
  prefetch(
    blocks: readonly { readonly logical: number; readonly generation: number }[],
    first: number,
    level: number,
  ): void {
    this.#nodes.prefetch(blocks, first, level);
  }

  /** Raw bytes from whichever copy can be read: no checksum is looked at. */
  readLogical(logical: number, length: number, target: Uint8Array, targetOffset: number): void {
    this.#options.cancel?.check();
    this.#chunks.read(logical, length, target, targetOffset);
  }

  /**
   * Begins a `readLogical` and goes on; the function that comes back waits for it and must
   * be called before the target is used or released. Undefined: not possible there.
   */
  startRead(
    logical: number,
    length: number,
    target: Uint8Array,
    targetOffset: number,
  ): (() => void) | undefined {
    return this.#chunks.startRead(logical, length, target, targetOffset);
  }

  /**
   * File data in whole sectors, held against the checksums of this generation, healed from
   * other copies.
   * @param hasChecksums false for inodes with the nodatasum flag.
   * @param owner whose data it is, for the report of what is healed.
   * @throws Corrupt `data-damaged`, `checksum-missing`, Io, Cancelled.
   */
  readData(
    logical: number,
    length: number,
    target: Uint8Array,
    targetOffset: number,
    hasChecksums = true,
    owner?: DataOwner,
  ): DataCheck {
    this.#reports.begin(owner, logical);
    try {
      return this.#readData(logical, length, target, targetOffset, hasChecksums);
    } finally {
      this.#reports.end();
    }
  }

  #readData(
    logical: number,
    length: number,
    target: Uint8Array,
    targetOffset: number,
    hasChecksums: boolean,
  ): DataCheck {
    if (!hasChecksums) {
      this.readLogical(logical, length, target, targetOffset);
      return 'unverified';
    }
    this.#options.cancel?.check();
    try {
      return this.#dataReader().read(logical, length, target, targetOffset);
    } catch (error) {
      if (!this.#isMissingChecksum(error)) throw error;
      this.readLogical(logical, length, target, targetOffset);
      return 'unverified';
    }
  }

  /**
   * The checksums of data in whole sectors, as they are stored. False: they are not CRC-32C of
   * 4096 bytes each, or not all there.
   */
  copySums(logical: number, length: number, into: Uint8Array): boolean {
    const isKind = this.checksum.name === 'crc32c' && this.sectorSize === 4096;
    return isKind && this.#dataReader().copySums(logical, length, into);
  }

  /** Every copy of a tree block, checked; what is bad comes back, nothing is reported. */
  checkNode(logical: number, expected: Expected): Damage[] {
    this.#options.cancel?.check();
    return this.#nodes.checkCopies(logical, expected);
  }

  /** Every copy of data that has checksums, `buffer` being as long. @throws Corrupt, Io. */
  checkData(logical: number, length: number, buffer: Uint8Array): Damage[] {
    this.#options.cancel?.check();
    return this.#dataReader().checkCopies(logical, length, buffer);
  }

  /**
   * Holds what `readLogical` has read against the checksums, like `readData`: for several
   * extents that were read in one request, with what lies between them.
   */
  verifyData(
    logical: number,
    length: number,
    target: Uint8Array,
    targetOffset: number,
    owner?: DataOwner,
  ): DataCheck {
    this.#reports.begin(owner, logical);
    try {
      return this.#dataReader().check(logical, length, target, targetOffset);
    } finally {
      this.#reports.end();
    }
  }

  /**
   * Looks whether the filesystem has moved on, and moves along: superblock, chunks, roots.
   * Blocks and extents found before belong to the epoch before.
   * @returns whether there was a newer generation. @throws Corrupt, Io after bounded tries.
   */
  refresh(): boolean {
    if (this.#options.isPinned === true) return false;
    for (let tries = 1; ; tries += 1) {
      const newest = this.#newest();
      if (this.#isReadAt(newest)) return false;
      try {
        this.members.markStale(newest);
        this.#load(newest);
        return true;
      } catch (error) {
        if (!isStaleness(error) || tries === MAX_TRIES) throw error;
        pause(tries);
      }
    }
  }

  #isMissingChecksum(error: unknown): boolean {
    if (this.#options.allowsMissingChecksums !== true || !(error instanceof DendroError))
      return false;
    return error.code === 'checksum-missing' || error.code.startsWith('tree-');
  }

  /**
   * Whether the superblock on disk is still the one that this volume is read at, and its devices
   * are still the filesystem's. @throws Conflict `device-left`.
   */
  isCurrent(): boolean {
    return this.#options.isPinned === true || this.#isReadAt(this.#newest());
  }

  #newest(): Superblock {
    const { candidates } = this.#options;
    return newestSuperblock(this.members, this.#superblock, () => {
      if (candidates !== undefined) findLater(this.members, this.#superblock, candidates);
    });
  }

  #isReadAt({ generation }: Superblock): boolean {
    return generation === this.generation && this.members.changes === this.#memberChanges;
  }

  recover(error: unknown, epoch: number, tries: number): boolean {
    if (!isStaleness(error) || tries >= MAX_TRIES) return false;
    if (this.epoch !== epoch) return true;
    if (tries > 1) pause(tries);
    return this.refresh();
  }

  close(): void {
    this.#nodes.close();
    this.#data?.close();
    this.members.close();
    this.#cache.clear();
    releaseAligned(this.#buffer);
  }

  /** Superblock -> system chunks -> chunk tree -> everything; nothing changes if it throws. */
  #load(superblock: Superblock): void {
    const { sectorSize, systemChunks, systemChunksSize } = superblock;
    const memberChanges = this.members.changes;
    const system =
      this.#options.chunks ?? parseSystemChunks(systemChunks, systemChunksSize, sectorSize);
    const first = this.#readers(superblock, new ChunkMap(system));
    const source: NodeSource = {
      epoch: 0,
      root: () => undefined,
      recover: () => false,
      node: (logical, expected) => first.nodes.read(logical, expected),
      nodeAhead: (parent, slot, owner) => first.nodes.readAhead(parent, slot, owner),
      expect: () => undefined,
      fetch: () => undefined,
    };
    let all: readonly Chunk[];
    try {
      all =
        this.#options.chunks ??
        readChunkTree(new Cursor(source, chunkTreeOf(superblock), false), sectorSize);
    } finally {
      first.nodes.close(); // what it may have begun to read ahead
    }
    const { chunks, nodes } = this.#readers(superblock, new ChunkMap(all));
    this.#superblock = superblock;
    this.#memberChanges = memberChanges;
    this.#chunks = chunks;
    (this.#nodes as NodeReader | undefined)?.close();
    this.#nodes = nodes;
    this.#data?.close();
    this.#data = undefined;
    this.#roots.clear();
    this.epoch += 1;
  }

  #readers(superblock: Superblock, map: ChunkMap): { chunks: ChunkReader; nodes: NodeReader } {
    const { sectorSize, nodeSize, blockFsid } = superblock;
    const report = (damage: Damage): void => this.#reports.tell(damage);
    const chunks = new ChunkReader(map, this.members, (...failure) =>
      this.#reports.tell(failedRead(...failure)),
    );
    const fsids = [blockFsid, ...this.members.all.map(({ superblock: s }) => s.blockFsid)];
    const check = { checksum: this.checksum, fsids: distinct(fsids), sectorSize };
    const nodes = new NodeReader(chunks, check, nodeSize, this.#cache, report, this.#buffer);
    return { chunks, nodes };
  }

  #dataReader(): DataReader {
    if (this.#data !== undefined) return this.#data;
    const root = this.root(TREE.checksum);
    this.#data = new DataReader(
      this.#chunks,
      root && new Cursor(this, root, false),
      this.checksum,
      this.sectorSize,
      this.#buffer,
      (damage) => this.#reports.tell(damage),
    );
    return this.#data;
  }
}

function distinct(fsids: readonly Uint8Array[]): Uint8Array[] {
  return fsids.filter(
    (fsid, i) => fsids.findIndex((other) => Buffer.compare(other, fsid) === 0) === i,
  );
}
