import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { DendroError } from '../../../shared/errors.ts';
import { joinPath, lookup, splitPath, type Subvolume } from '../tree/index.ts';
import type { TreeCopy } from './copy-tree.ts';
import { exists } from './destination.ts';
import { removeIfEmpty } from './staging.ts';

/** A folder that is gone, and the one of the snapshot that it is made like. */
export interface FolderAbove {
  /** Below the destination folder, and in the snapshot; null: it has none. */
  readonly path: string;
  readonly from: string | null;
}

/** Folders above what is restored that are gone are made as the snapshot has them. */
export class FoldersAbove {
  readonly planned: FolderAbove[];
  readonly #top: Subvolume;
  readonly #root: number;
  readonly #copy: TreeCopy;

  /** @param planned of a run before this one. */
  constructor(top: Subvolume, root: number, copy: TreeCopy, planned: readonly FolderAbove[] = []) {
    this.#top = top;
    this.#root = root;
    this.#copy = copy;
    this.planned = [...planned];
  }

  /** Notes what is missing above `to`; the topmost first. */
  need(from: Uint8Array, to: Uint8Array): void {
    const names = splitPath(to);
    const sources = splitPath(from);
    const shift = sources.length - names.length;
    for (let count = 1; count < names.length; count += 1) {
      const path = joined(names.slice(0, count));
      const text = textFromBytes(path);
      if (exists(this.#root, path) || this.planned.some((one) => one.path === text)) continue;
      const source = shift < 0 ? undefined : joined(sources.slice(0, count + shift));
      this.planned.push({ path: text, from: source === undefined ? null : textFromBytes(source) });
    }
  }

  make(): void {
    for (const { path, from } of this.planned) {
      const to = bytesFromText(path);
      if (exists(this.#root, to)) continue;
      const inode = this.#sourceOf(from);
      if (inode === undefined) this.#copy.makePlainDirectory(to);
      else this.#copy.makeDirectory(inode, to);
    }
  }

  /** Their times, which the names that came into them have changed. */
  finish(): void {
    for (const { path, from } of [...this.planned].reverse()) {
      const inode = this.#sourceOf(from);
      if (inode !== undefined) this.#copy.keepProperties(inode, bytesFromText(path));
    }
  }

  /** Takes back what `make` made, as far as nothing is in it. */
  remove(folder: string): void {
    for (const { path } of [...this.planned].reverse()) {
      removeIfEmpty(joinPath(bytesFromText(folder), bytesFromText(path)));
    }
  }

  #sourceOf(from: string | null): number | undefined {
    if (from === null) return undefined;
    try {
      const found = lookup(this.#top, bytesFromText(from));
      return found.subvolume.id === this.#top.id ? found.inode : undefined;
    } catch (error) {
      if (error instanceof DendroError && error.kind === 'Conflict') return undefined;
      throw error;
    }
  }
}

function joined(names: readonly Uint8Array[]): Uint8Array {
  return names.reduce((path, name) => joinPath(path, name), new Uint8Array(0) as Uint8Array);
}
