import { conflict, DendroError, noteOfError } from '../../../shared/errors.ts';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { HealCopy, HealFile, HealReport } from '../../../shared/model/heal.ts';
import type { PointPlace } from '../../../shared/model/place.ts';
import type { VerbContext } from '../../engine/context.ts';
import { volumeFor, type VolumeInput } from '../../engine/open-volumes.ts';
import {
  inodeNames,
  inodePath,
  joinPath,
  openSubvolume,
  readInode,
  type Subvolume,
} from '../../engine/tree/index.ts';
import { timeMs } from '../../engine/verbs/entries.ts';
import { modifiedMs, type PlacedTree } from '../node.ts';
import { findNode, openPlace, type PlaceInput } from '../open-place.ts';
import { lossOf, scanForDamage, type FileLoss } from './damaged-files.ts';
import { GoodCopy } from './good-copy.ts';

/** A place to look into for what was lost. */
export interface HealPlace {
  readonly input: PlaceInput;
  /** What is told of it. */
  readonly place: PointPlace;
  readonly name: string;
  readonly where: string;
  readonly takenAtMs: number | null;
}

export interface LookForDamageInput {
  readonly volume: VolumeInput;
  readonly subvolumeId: number;
  /** The most likely first. */
  readonly places: readonly HealPlace[];
}

export type DamageLook = Omit<HealReport, 'source'>;

/** More are told as a number. */
const FILES_TOLD = 1_000;
/** Of a file, in how many places. */
const COPIES_TOLD = 50;

/**
 * Holds a subvolume against its checksums, and looks for what is lost in other states of it.
 * Nothing is written. @throws Cancelled, Io 'source-gone'
 */
export async function lookForDamage(
  { volume: input, subvolumeId, places }: LookForDamageInput,
  { cancel, progress }: VerbContext,
): Promise<DamageLook> {
  const subvolume = openSubvolume(volumeFor(input, cancel), subvolumeId);
  const scan = scanForDamage(subvolume, ({ bytes, files }) => {
    cancel.check();
    progress({ step: 'verify', bytes, totalBytes: null, files, totalFiles: null, current: '' });
  });
  const damaged = new Map<number, FileLoss>();
  for (const inode of scan.damaged) {
    // Once more, at the newest generation: a place may just have been used again.
    const loss = lossOf(subvolume, inode);
    if (loss !== undefined && readInode(subvolume, inode)!.links > 0) damaged.set(inode, loss);
  }
  const files = [...damaged].slice(0, FILES_TOLD).map(([inode, loss]) => {
    return new FileSearch(subvolume, inode, loss);
  });
  const placesFailed: DamageLook['placesFailed'] = [];
  for (const place of files.length === 0 ? [] : places) {
    cancel.check();
    await tryPlace(place, files, placesFailed, cancel);
  }
  return {
    files: files.map((file) => file.result()),
    filesLeftOut: damaged.size - files.length,
    filesChecked: scan.files,
    bytesChecked: scan.bytes,
    unverifiedBytes: scan.unverifiedBytes,
    mirrored: scan.mirrored.slice(0, FILES_TOLD).map((inode) => pathsOf(subvolume, inode)[0] ?? ''),
    mirroredCount: scan.mirrored.length,
    treeProblem: scan.treeProblem,
    placesLooked: files.length === 0 ? 0 : places.length - placesFailed.length,
    placesFailed,
  };
}

async function tryPlace(
  place: HealPlace,
  files: readonly FileSearch[],
  failed: DamageLook['placesFailed'],
  cancel: VerbContext['cancel'],
): Promise<void> {
  let tree: PlacedTree | undefined;
  try {
    tree = await openPlace(place.input, cancel);
    for (const file of files) file.lookIn(tree, place);
  } catch (error) {
    if (!(error instanceof DendroError) || error.kind === 'Cancelled' || error.kind === 'Bug')
      throw error;
    failed.push({ name: place.name, reason: noteOfError(error) });
  } finally {
    tree?.close();
  }
}

/** One damaged file, and what was found of it elsewhere. */
class FileSearch {
  readonly #subvolume: Subvolume;
  readonly #inode: number;
  readonly #loss: FileLoss;
  readonly #paths: readonly string[];
  readonly #copies: HealCopy[] = [];
  readonly #found = new Set<number>();

  constructor(subvolume: Subvolume, inode: number, loss: FileLoss) {
    this.#subvolume = subvolume;
    this.#inode = inode;
    this.#loss = loss;
    this.#paths = pathsOf(subvolume, inode);
  }

  lookIn(tree: PlacedTree, { place, name, where, takenAtMs }: HealPlace): void {
    if (this.#copies.length >= COPIES_TOLD && this.#isWhole()) return;
    for (const path of this.#paths) {
      const node = findNode(tree, path);
      if (node?.type !== 'file') continue;
      const copy = new GoodCopy(node, this.#subvolume, this.#inode, this.#loss);
      let goodBytes = 0;
      let isByChecksum = true;
      for (const [i, piece] of this.#loss.pieces.entries()) {
        if (copy.bytesOf(piece) === undefined) continue;
        goodBytes += piece.lengthBytes;
        isByChecksum &&= piece.checksum !== undefined;
        this.#found.add(i);
      }
      const proof = goodBytes === 0 ? 'none' : isByChecksum ? 'checksum' : 'same-file';
      const facts = { sizeBytes: node.sizeBytes, modifiedAtMs: modifiedMs(node) };
      this.#copies.push({ place, name, where, takenAtMs, proof, goodBytes, ...facts });
      return;
    }
  }

  result(): HealFile {
    const inode = readInode(this.#subvolume, this.#inode)!;
    const [path = '', ...otherPaths] = this.#paths;
    return {
      path,
      otherPaths,
      inode: this.#inode,
      sizeBytes: inode.size,
      modifiedAtMs: timeMs(inode.mtime),
      lost: [...this.#loss.ranges],
      lostBytes: this.#loss.pieces.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0),
      copies: this.#copies.sort((a, b) => b.goodBytes - a.goodBytes).slice(0, COPIES_TOLD),
      isHealable: this.#isWhole(),
    };
  }

  #isWhole(): boolean {
    return this.#found.size === this.#loss.pieces.length;
  }
}

/** Every path of an inode, from the subvolume's top. */
export function pathsOf(subvolume: Subvolume, inode: number): string[] {
  return inodeNames(subvolume, inode).flatMap(({ parent, name }) => {
    const folder = inodePath(subvolume, parent);
    return folder === undefined ? [] : [textFromBytes(joinPath(folder, name))];
  });
}

/** @throws Conflict 'read-only-source' */
export function requireWritable(subvolume: Subvolume): void {
  if (!subvolume.info.isReadOnly) return;
  throw conflict(
    'read-only-source',
    'A read-only snapshot is never changed, not even to heal it.',
    {
      hint: 'Heal the subvolume in use, and let the snapshot go when it is no longer needed.',
    },
  );
}
