import { lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { conflict } from '../../../shared/errors.ts';
import { isNote, noted, say, type Note } from '../../../shared/said.ts';
import { FILE_TYPE, KEY, OBJECT } from '../format/constants.ts';
import type { DirectoryEntry, Inode } from '../tree/index.ts';
import {
  forPeople,
  inodePath,
  isDirectory,
  isRegular,
  isSymlink,
  joinPath,
  readDirectory,
  readInode,
  type Subvolume,
} from '../tree/index.ts';
import { LeafCopier, type CopyHooks } from './copy-leaf.ts';
import { baseOf, type FolderBase } from './folder-base.ts';
import { KeptProperties } from './keep-properties.ts';
import { Losses, type Loss } from './losses.ts';
import { shapeWithoutInode, type FileShape } from './read-past-damage.ts';
import { reasonOf, type LostBlock } from './salvage.ts';
import { inodeLost, inTwoPlaces } from './list-files.ts';

export interface CopyReport {
  readonly files: number;
  readonly directories: number;
  readonly symlinks: number;
  readonly bytes: number;
  /** Bytes that had no checksum to be held against. */
  readonly unverifiedBytes: number;
  readonly losses: readonly Loss[];
  readonly lossesLeftOut: number;
}
interface OpenFolder {
  readonly number: number;
  readonly target: Buffer;
  /** What the paths of what is in it begin with. */
  readonly base: FolderBase;
  readonly path: Uint8Array;
  readonly inode: Inode | undefined;
  readonly entries: Generator<DirectoryEntry, void>;
}

/** What has lost its name or its directory goes here, by inode number. */
const UNNAMED = Buffer.from('lost+found');

/**
 * Copies everything that can still be read of a subvolume, or of one directory or file in
 * it, into a new folder of any filesystem, and goes on past damage. Bytes that are lost are
 * zeros in the copy and stand in the report.
 * @param lost what `Rescue.open` said is missing of the tree.
 * @param target a folder that is new or empty; for one file, a name that is free.
 * @throws Io when the target cannot be written, Conflict `rescue-target-exists`, Cancelled.
 */
export function copyOut(
  subvolume: Subvolume,
  lost: readonly LostBlock[],
  target: string | Buffer,
  hooks: CopyHooks = {},
  from = subvolume.rootInode,
): CopyReport {
  return new Copier(subvolume, lost, hooks).run(Buffer.from(target), from);
}

class Copier {
  readonly #subvolume: Subvolume;
  readonly #lost: readonly LostBlock[];
  readonly #hooks: CopyHooks;
  readonly #seen = new Set<number>();
  /** Folders under way, the outermost first: a tree may be deeper than the stack. */
  readonly #open: OpenFolder[] = [];
  readonly #losses = new Losses();
  readonly #properties: KeptProperties;
  readonly #leaves: LeafCopier;
  #directories = 0;

  constructor(subvolume: Subvolume, lost: readonly LostBlock[], hooks: CopyHooks) {
    this.#subvolume = subvolume;
    this.#lost = lost;
    this.#hooks = hooks;
    this.#properties = new KeptProperties(subvolume, this.#losses);
    this.#leaves = new LeafCopier(subvolume, this.#losses, this.#properties, hooks);
  }

  run(target: Buffer, from: number): CopyReport {
    const top = new Uint8Array(0);
    const inode = this.#read(from);
    if (!isNote(inode) && !isDirectory(inode.mode)) {
      this.#copy(from, target, top, FILE_TYPE.unknown);
    } else {
      if (!isNote(inode)) this.#copyDirectory(from, target, top, inode);
      else this.#copyWithoutInode(from, target, top, FILE_TYPE.directory, inode);
      this.#goOn();
      if (from === this.#subvolume.rootInode && this.#lost.length > 0) this.#copyUnnamed(target);
    }
    return {
      files: this.#leaves.files,
      directories: this.#directories,
      symlinks: this.#leaves.symlinks,
      bytes: this.#leaves.bytes,
      unverifiedBytes: this.#leaves.unverifiedBytes,
      losses: this.#losses.kept,
      lossesLeftOut: this.#losses.leftOut,
    };
  }

  /** @param type FILE_TYPE as its directory has it: all that is known when its inode is lost. */
  #copy(number: number, target: Buffer, path: Uint8Array, type: number): void {
    this.#hooks.cancel?.check();
    if (this.#leaves.isLinked(number, target)) return;
    const inode = this.#read(number);
    this.#seen.add(number);
    if (isNote(inode)) this.#copyWithoutInode(number, target, path, type, inode);
    else if (isDirectory(inode.mode)) this.#copyDirectory(number, target, path, inode);
    else if (isRegular(inode.mode)) this.#copyFile(inode, target, path);
    else if (isSymlink(inode.mode)) this.#leaves.symlink(inode, target, path);
    else
      this.#losses.lose(
        path,
        number,
        'special',
        noted('special-not-copied', 'Device nodes, pipes and sockets are not copied.'),
      );
  }

  /** Names and data stand in items of their own, often in another leaf. */
  #copyWithoutInode(
    number: number,
    target: Buffer,
    path: Uint8Array,
    type: number,
    reason: Note,
  ): void {
    const shape =
      type === FILE_TYPE.regular ? shapeWithoutInode(this.#subvolume, number) : undefined;
    if (type === FILE_TYPE.directory) {
      this.#losses.lose(path, number, 'properties', reason);
      this.#copyDirectory(number, target, path);
    } else if (shape !== undefined) {
      const unknown = noted(
        'properties-unknown',
        say`${{ reason }} Mode, times and where exactly it ends are not known.`,
      );
      this.#losses.lose(path, number, 'properties', unknown);
      this.#copyFile(shape, target, path);
    } else this.#losses.lose(path, number, 'file', reason);
  }

  #copyFile(inode: Inode | FileShape, target: Buffer, path: Uint8Array): void {
    this.#leaves.file(inode, target, path);
    if (!this.#touches(inode.number)) return;
    const falseHoles = noted('false-holes', 'Parts of its map are lost: there may be false holes.');
    this.#losses.lose(path, inode.number, 'map', falseHoles);
  }

  #copyDirectory(number: number, target: Buffer, path: Uint8Array, inode?: Inode): void {
    this.#seen.add(number);
    // Only into a folder that was made here and now: a name that stands twice in the damaged
    // tree must not lead through a symlink to somewhere else.
    const make = path.length === 0 ? makeTop : mkdirSync;
    if (!this.#losses.write(path, number, () => make(target))) return;
    this.#directories += 1;
    const entries = readDirectory(this.#subvolume, number);
    this.#open.push({ number, target, base: baseOf(target), path, inode, entries });
  }

  /** Copies what the folders under way hold, the innermost first. */
  #goOn(): void {
    for (let folder = this.#open.at(-1); folder !== undefined; folder = this.#open.at(-1)) {
      const { number, target, base, path, inode, entries } = folder;
      const entry = this.#losses.guard(path, number, 'directory', () => entries.next().value);
      if (entry) this.#copyEntry(entry, base.path, path);
      else {
        this.#open.pop();
        base.close();
        if (this.#touches(number))
          this.#losses.lose(
            path,
            number,
            'directory',
            noted('names-missing', 'Names in it may be missing.'),
          );
        if (inode !== undefined) this.#properties.keep(target, path, inode);
      }
    }
  }

  #copyEntry(entry: DirectoryEntry, target: Buffer, path: Uint8Array): void {
    if (entry.isSubvolume) return;
    const below = Uint8Array.from(joinPath(path, entry.name));
    const isLoop = entry.type === FILE_TYPE.directory && this.#seen.has(entry.inode);
    if (isLoop) this.#losses.lose(below, entry.inode, 'directory', inTwoPlaces());
    else this.#copy(entry.inode, joinBuffer(target, entry.name), below, entry.type);
  }

  /** Inodes that no name led to: by the path that they say they have, else by number. */
  #copyUnnamed(target: Buffer): void {
    let folder = joinBuffer(target, UNNAMED);
    // the tree may have one of its own
    for (let i = 1; lstatSync(folder, { throwIfNoEntry: false }) !== undefined; i += 1) {
      folder = joinBuffer(target, Buffer.from(`${UNNAMED.toString()}.${i}`));
    }
    let isMade = false;
    const cursor = this.#subvolume.cursor();
    for (cursor.seek(OBJECT.firstFree, 0, 0); cursor.valid; cursor.next()) {
      const number = cursor.objectId;
      if (cursor.type !== KEY.inodeItem || number < 0 || this.#seen.has(number)) continue;
      isMade ||= this.#losses.write(UNNAMED, number, () => mkdirSync(folder));
      if (!isMade) return;
      const known = this.#pathOf(number);
      const name = Buffer.from(`inode-${number}${known === '' ? '' : `-${known}`}`.slice(0, 200));
      this.#copy(number, joinBuffer(folder, name), joinPath(UNNAMED, name), FILE_TYPE.unknown);
      this.#goOn();
    }
  }

  #pathOf(number: number): string {
    try {
      return forPeople(inodePath(this.#subvolume, number) ?? new Uint8Array(0)).replaceAll(
        /[/\0]/g,
        '_',
      );
    } catch (error) {
      reasonOf(error);
      return '';
    }
  }

  #touches(number: number): boolean {
    return this.#lost.some(
      ({ fromObject, toObject, leavesFound }) =>
        leavesFound === undefined && number >= fromObject && number <= toObject,
    );
  }

  /** The inode, or why there is none. */
  #read(number: number): Inode | Note {
    try {
      return readInode(this.#subvolume, number) ?? inodeLost();
    } catch (error) {
      return reasonOf(error);
    }
  }
}

/** A folder that is there and empty will do. @throws Conflict `rescue-target-exists`. */
export function makeTop(target: Buffer): void {
  try {
    mkdirSync(target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const isEmptyFolder = lstatSync(target).isDirectory() && readdirSync(target).length === 0;
    if (isEmptyFolder) return;
    const path = forPeople(target);
    throw conflict('rescue-target-exists', say`${{ path }} is there already and not empty.`, {
      hint: 'Choose a new or an empty folder.',
      place: { path },
    });
  }
}

function joinBuffer(directory: Buffer, name: Uint8Array): Buffer {
  return Buffer.concat([directory, Buffer.from('/'), name]);
}
