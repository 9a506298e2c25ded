import type { DendroError } from '../../../shared/errors.ts';
import { ERRNO, isErrno } from '../../linux/libc-error.ts';
import type { Creation } from '../sink/held-creation.ts';
import type { TreeWriter } from '../sink/tree-writer.ts';
import { joinPath, splitPath } from '../tree/index.ts';
import type { DamageList } from './damage-list.ts';
import { isDamage } from '../volume/index.ts';
import { isTooLarge, writeInPieces, type LargeFile } from './in-pieces.ts';
import { refusalOf, refusalOfNode } from './refusals.ts';
import { removeTree } from './remove-tree.ts';
import type { TargetNames } from './target-names.ts';
import type { OnLoss } from './write-properties.ts';
import { inPieces, lost, notRestored } from '../sink/lost.ts';

export interface TargetHooks {
  readonly onLoss: OnLoss;
  readonly damages: DamageList;
}

/**
 * What a restore does at its target, wherever it reads from: what the target refuses is reported,
 * what the source has damaged is listed, and the rest goes on.
 */
export class TargetTree {
  readonly writer: TreeWriter;
  readonly names: TargetNames;
  /** Absolute path of the writer's root, for what is removed. */
  readonly #folder: Uint8Array;
  readonly #hooks: TargetHooks;

  constructor(writer: TreeWriter, names: TargetNames, folder: Uint8Array, hooks: TargetHooks) {
    this.writer = writer;
    this.names = names;
    this.#folder = folder;
    this.#hooks = hooks;
  }

  /** False: the target cannot hold it, which is in the report. */
  create(to: Uint8Array, creation: Creation): boolean {
    try {
      this.writer.create(to, creation);
      this.writer.settle();
      return true;
    } catch (error) {
      const why = creation.kind === 'node' ? refusalOfNode(error) : refusalOf(error);
      if (why === undefined) throw error;
      this.#hooks.onLoss(to, notRestored(why, creation.kind === 'file'));
      return false;
    }
  }

  /** A further name of what is there already; false when it has to be made by itself. */
  link(to: Uint8Array, first: Uint8Array): boolean {
    try {
      this.writer.link(to, first);
      return true;
    } catch (error) {
      // An earlier run has made a file of its own of it.
      if (isErrno(error, ERRNO.EEXIST)) return false;
      if (refusalOf(error) === undefined) throw error;
      this.#hooks.onLoss(to, lost.linkHere);
      return false;
    }
  }

  /**
   * Undefined: the source has it damaged, which is in the list.
   * @param isGone ends the restore where the source is not damaged but gone
   */
  pastDamage<T>(
    from: Uint8Array,
    work: () => T,
    throwIfGone: (error: DendroError) => void = () => {},
  ): T | undefined {
    try {
      return work();
    } catch (error) {
      // An error of the target has the number of a system call, and ends the restore.
      if (!isDamage(error) || 'errno' in error || error.code === 'source-gone') throw error;
      throwIfGone(error);
      this.#hooks.damages.whole(from, error);
      return undefined;
    }
  }

  /**
   * Fills a file by `write`; one that is too large here becomes a folder of pieces, which have the
   * file's own name: what it stands under while it is staged is a number.
   * @param reached how far `write` has come
   * @returns what is there now
   */
  fill(
    file: Omit<LargeFile, 'name'> & { readonly from: Uint8Array },
    write: () => void,
    reached: () => number,
    onBytes: (bytes: number) => void,
  ): 'file' | 'pieces' | 'nothing' {
    try {
      write();
      return 'file';
    } catch (error) {
      if (!isTooLarge(error)) throw error;
    }
    const { from, to } = file;
    this.remove(to);
    const name = this.names.path(splitPath(from).at(-1)!);
    const remove = (path: Uint8Array): void => this.remove(path);
    const count = writeInPieces({ ...file, name }, reached(), this.writer, remove, onBytes);
    this.#hooks.onLoss(to, count === undefined ? lost.sizeHere : inPieces(count));
    return count === undefined ? 'nothing' : 'pieces';
  }

  remove(to: Uint8Array): void {
    this.writer.forget(to);
    removeTree(joinPath(this.#folder, to));
  }
}
