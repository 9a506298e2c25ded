import { DendroError } from '../../../shared/errors.ts';
import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../../engine/context.ts';
import { exists, statusOf } from '../../engine/restore/destination.ts';
import { fingerprint } from '../../engine/restore/fingerprint.ts';
import { absolute } from '../../engine/restore/prepare.ts';
import { identityOf, putInPlace } from '../../engine/restore/put-in-place.ts';
import { RestoreReport } from '../../engine/restore/report.ts';
import { goneError } from '../../engine/restore/source-gone.ts';
import { removeIfEmpty, Staging, stagingKey } from '../../engine/restore/staging.ts';
import { TargetNames } from '../../engine/restore/target-names.ts';
import { TargetTree } from '../../engine/restore/target-tree.ts';
import { TreeWriter } from '../../engine/sink/tree-writer.ts';
import { joinPath, splitPath } from '../../engine/tree/index.ts';
import type { RestoredThing, RestoreSummary } from '../../engine/verbs/restore.ts';
import { filesystemOf, MAGIC, syncFilesystem } from '../../linux/files.ts';
import { bootId } from '../../linux/process-identity.ts';
import type { PlacedTree } from '../node.ts';
import { findNode, requireNode } from '../open-place.ts';
import type { NodePlacing } from './place-nodes.ts';
import { PlacedCopy } from './placed-copy.ts';
import type { RestorePlaceInput } from './restore-place.ts';
import type { Note } from '../../../shared/said.ts';

export interface PlaceRestoreSummary extends RestoreSummary {
  /** What a person should know of the place. */
  readonly notes: readonly Note[];
}

/** One restore out of a state that lies anywhere: staged, put in place, summed up. */
export class PlaceRestore {
  readonly #tree: PlacedTree;
  readonly #root: number;
  readonly #input: RestorePlaceInput;
  readonly #context: VerbContext;
  readonly #staging: Staging;
  readonly #report: RestoreReport;
  readonly #names: TargetNames;

  constructor(tree: PlacedTree, root: number, input: RestorePlaceInput, context: VerbContext) {
    this.#tree = tree;
    this.#root = root;
    this.#input = input;
    this.#context = context;
    this.#names = TargetNames.at(root);
    this.#staging = new Staging(input.folder, root, keyOf(input), bootId());
    this.#report = new RestoreReport(this.#staging);
  }

  /** @param prepare called unless an earlier run has decided the names. */
  run(prepare: () => NodePlacing): PlaceRestoreSummary {
    const tree = this.#tree;
    const mayInherit = filesystemOf(this.#root).magic === MAGIC.btrfs;
    const writer = new TreeWriter(this.#root, { mayInherit, onLoss: this.#report.onLoss });
    const folder = bytesFromText(this.#input.folder);
    const { onLoss, damages } = this.#report;
    const told = { onLoss, damages };
    const target = new TargetTree(writer, this.#names, folder, told);
    const copy = new PlacedCopy(this.#root, target, {
      ...{ cancel: this.#context.cancel, ...told },
      throwIfGone: (cause) => {
        if (tree.isGone()) throw this.#gone(cause);
      },
      onProgress: (bytes, files, current) =>
        this.#context.progress({
          ...{ step: 'copy', bytes, files, totalBytes: null, totalFiles: null },
          current,
        }),
    });
    try {
      if (this.#staging.header === undefined) this.#begin(prepare());
      this.#makeFolders(copy);
      if (this.#staging.ready === undefined) this.#stage(copy, writer);
      const things = this.#place();
      writer.inodes.leave();
      this.#staging.clear();
      syncFilesystem(this.#root);
      const summary = this.#summary(things);
      this.#staging.remove();
      return summary;
    } catch (error) {
      this.#leave(error);
      const isCancelled = error instanceof DendroError && error.kind === 'Cancelled';
      throw !isCancelled && tree.isGone() ? this.#gone(error) : error;
    } finally {
      writer.close();
    }
  }

  #begin({ placements, skipped, unreadable }: NodePlacing): void {
    const names = placements.map(({ from, to, aside }) => ({
      from: textFromBytes(from),
      to: textFromBytes(to),
      aside: aside === null ? null : textFromBytes(aside),
    }));
    const missing = new Map<string, string>();
    for (const { from, to } of names) {
      const [above, sources] = [splitPath(bytesFromText(to)), splitPath(bytesFromText(from))];
      for (let count = 1; count < above.length; count += 1) {
        const path = above.slice(0, count).reduce((sum, name) => joinPath(sum, name));
        const source = sources.slice(0, count + sources.length - above.length);
        if (exists(this.#root, path)) continue;
        const like = source.reduce((sum, name) => joinPath(sum, name), new Uint8Array(0));
        missing.set(textFromBytes(path), textFromBytes(like));
      }
    }
    const madeFolders = [...missing].map(([path, from]) => ({ path, from }));
    this.#staging.begin({ bootId: bootId(), names, skipped, madeFolders });
    for (const { from, error } of unreadable) this.#report.damages.whole(from, error);
  }

  /** Folders that are missing above what is restored, as the place has them. */
  #makeFolders(copy: PlacedCopy): void {
    for (const { path, from } of this.#staging.header!.madeFolders) {
      const to = bytesFromText(path);
      const like = findNode(this.#tree, from ?? '') ?? this.#tree.top;
      if (!exists(this.#root, to)) copy.makeFolder(like, to);
    }
  }

  #stage(copy: PlacedCopy, writer: TreeWriter): void {
    const { names } = this.#staging.header!;
    for (const [index, { from, to }] of names.entries()) {
      this.#names.tell(bytesFromText(from), bytesFromText(to), this.#report.onLoss);
      const node = requireNode(this.#tree, from);
      copy.copy(node, bytesFromText(from), this.#staging.at(index));
      writer.settle();
    }
    writer.inodes.leave();
    // Names come last: what they lead to is on the disk then.
    syncFilesystem(this.#root);
    const identities = names.map((_, index) => {
      const status = statusOf(this.#root, this.#staging.at(index));
      return status === undefined ? null : identityOf(status);
    });
    const { files, bytes } = copy;
    const counts = { files, bytes, sharedBytes: 0, ...this.#report.counts };
    this.#staging.setReady({ identities, counts });
  }

  #place(): RestoredThing[] {
    const { clash = 'keep-both', folder } = this.#input;
    return this.#staging.header!.names.flatMap(({ to, aside }, index): RestoredThing[] => {
      const identity = this.#staging.ready!.identities[index];
      if (identity === null || identity === undefined) return [];
      const staged = this.#staging.at(index);
      const asideBytes = aside === null ? null : bytesFromText(aside);
      const move = { staged, identity, to: bytesFromText(to), aside: asideBytes };
      const placed = putInPlace(this.#root, move, clash);
      if (placed === undefined) return [];
      const kept = placed.kept === null ? null : absolute(folder, placed.kept);
      return [{ path: absolute(folder, placed.to), fingerprint: '', kept }];
    });
  }

  #summary(things: readonly RestoredThing[]): PlaceRestoreSummary {
    const { names, skipped, madeFolders } = this.#staging.header!;
    const { files, bytes, sharedBytes } = this.#staging.ready!.counts;
    const items = things.map((thing) => ({
      ...thing,
      fingerprint: fingerprint(bytesFromText(thing.path)),
    }));
    return {
      ...{ files, bytes, sharedBytes, items },
      madeFolders: madeFolders.map(({ path }) => absolute(this.#input.folder, bytesFromText(path))),
      skipped: skipped + (names.length - things.length),
      ...this.#report.told,
      notes: this.#tree.notes,
    };
  }

  #gone(cause: unknown): DendroError {
    if (cause instanceof DendroError && cause.code === 'source-gone') return cause;
    const { place } = this.#input;
    return goneError(place.kind === 'snapshot' ? {} : { path: printable(place.folder) }, cause);
  }

  /** What was cancelled leaves nothing; what failed is gone on with by the same restore. */
  #leave(error: unknown): void {
    const { header, ready: isReady } = this.#staging;
    const isCancelled = error instanceof DendroError && error.kind === 'Cancelled';
    const hasBegun = header !== undefined;
    if (hasBegun && (!isCancelled || isReady !== undefined)) return this.#staging.close();
    this.#staging.remove();
    for (const { path } of [...(header?.madeFolders ?? [])].reverse()) {
      removeIfEmpty(joinPath(bytesFromText(this.#input.folder), bytesFromText(path)));
    }
  }
}

/** The same request finds its own leftover. What opens the place is no part of it. */
export function keyOf(input: RestorePlaceInput): string {
  const { place, items, clash = 'keep-both', beside = false } = input;
  const point = place.kind === 'archive' ? place.point : '';
  const folder = place.kind === 'snapshot' ? '' : place.folder;
  const names = items.flatMap(({ from, to }) => [from, to]);
  return stagingKey([place.kind, folder, point, beside ? 'beside' : clash, ...names]);
}
