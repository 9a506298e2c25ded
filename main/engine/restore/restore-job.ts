import { DendroError } from '../../../shared/errors.ts';
import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { filesystemOf, MAGIC, syncFilesystem } from '../../linux/files.ts';
import { bootId } from '../../linux/process-identity.ts';
import type { VerbContext } from '../context.ts';
import { forgetVolume, volumeFor } from '../open-volumes.ts';
import { TreeWriter } from '../sink/tree-writer.ts';
import { lookup, openSubvolume, type Found, type Subvolume } from '../tree/index.ts';
import type { RestoredThing, RestoreSummary } from '../verbs/restore.ts';
import type { Volume } from '../volume/index.ts';
import { TreeCopy, type CopyHooks } from './copy-tree.ts';
import { TreeCounter } from './count-tree.ts';
import { exists, statusOf } from './destination.ts';
import { EarlierRun } from './earlier-run.ts';
import { fingerprint } from './fingerprint.ts';
import { FoldersAbove } from './folders-above.ts';
import { absolute, type Prepared, type RestoreInput } from './prepare.ts';
import { identityOf, putInPlace } from './put-in-place.ts';
import { RestoreReport, type Counts } from './report.ts';
import type { ReflinkSource } from './reflink-source.ts';
import { Staging, STAGING_PREFIX, stagingKey, type PlannedName } from './staging.ts';
import { TargetNames } from './target-names.ts';
import { TargetTree } from './target-tree.ts';
import { trySnapshot, tryCreateSubvolume } from './whole-subvolume.ts';

type ReflinkOf = (volume: Volume) => ReflinkSource | undefined;

/** One restore: staged, put in place, summed up. */
export class RestoreJob {
  readonly #input: RestoreInput;
  readonly #root: number;
  readonly #context: VerbContext;
  readonly #staging: Staging;
  readonly #report: RestoreReport;
  readonly #copies = new Map<number, TreeCopy>();
  /** What came as a snapshot: nothing of it was copied, and all of it is there. */
  readonly #snapshotted: TreeCounter;
  readonly #names: TargetNames;
  #folders: FoldersAbove | undefined;

  constructor(input: RestoreInput, root: number, context: VerbContext) {
    this.#input = input;
    this.#root = root;
    this.#context = context;
    this.#snapshotted = new TreeCounter(context.cancel);
    this.#names = TargetNames.at(root);
    const top = openSubvolume(volumeFor(input.volume, context.cancel), input.subvolumeId);
    this.#staging = new Staging(input.folder, root, keyOf(input, top), bootId());
    this.#report = new RestoreReport(this.#staging);
  }

  /** Whether the same restore was begun before. */
  static hasLeftover(input: RestoreInput, root: number, { cancel }: VerbContext): boolean {
    const top = openSubvolume(volumeFor(input.volume, cancel), input.subvolumeId);
    return exists(root, bytesFromText(`${STAGING_PREFIX}${keyOf(input, top)}`));
  }

  /** A run before this one has decided the names already. */
  get isResuming(): boolean {
    return this.#staging.header !== undefined;
  }

  /** For what comes before anything is staged: a failure leaves nothing. */
  guarded<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#staging.remove();
      throw error;
    }
  }

  /** @param prepared undefined when the names are known from an earlier run. */
  run(prepared: Prepared | undefined, reflinkOf: ReflinkOf): RestoreSummary {
    try {
      const summary = this.#run(prepared, reflinkOf);
      this.#staging.remove();
      return summary;
    } catch (error) {
      this.#leave(error);
      throw error;
    }
  }

  #run(prepared: Prepared | undefined, reflinkOf: ReflinkOf): RestoreSummary {
    const isResuming = prepared === undefined;
    const volume = volumeFor(this.#input.volume, this.#context.cancel);
    const top = openSubvolume(volume, this.#input.subvolumeId);
    const writer = this.#writer();
    const hooks = this.#hooks(
      reflinkOf(volume),
      isResuming ? new EarlierRun(this.#root, bytesFromText(this.#input.folder)) : undefined,
    );
    try {
      const made = this.#staging.header?.madeFolders;
      const above = new FoldersAbove(top, this.#root, this.#copyOf(top, writer, hooks), made);
      const folders = (this.#folders = above);
      if (prepared !== undefined) this.#begin(prepared, folders);
      folders.make();
      if (this.#staging.ready === undefined) this.#stage(top, writer, hooks);
      const items = this.#place();
      this.#staging.clear();
      folders.finish();
      writer.inodes.leave();
      syncFilesystem(this.#root);
      return this.#summary(items, folders);
    } finally {
      writer.close();
    }
  }

  #begin({ placing }: Prepared, folders: FoldersAbove): void {
    const names = placing.placements.map(({ from, to, aside }): PlannedName => {
      folders.need(from, to);
      return {
        from: textFromBytes(from),
        to: textFromBytes(to),
        aside: aside === null ? null : textFromBytes(aside),
      };
    });
    const { skipped } = placing;
    this.#staging.begin({ bootId: bootId(), names, skipped, madeFolders: folders.planned });
  }

  #stage(top: Subvolume, writer: TreeWriter, hooks: CopyHooks): void {
    const { names } = this.#staging.header!;
    for (const [index, { from, to }] of names.entries()) {
      this.#names.tell(bytesFromText(from), bytesFromText(to), hooks.onLoss);
      const found = lookup(top, bytesFromText(from));
      const inside = insidePath(top, found, bytesFromText(from));
      this.#stageOne(found, inside, this.#staging.at(index), writer, hooks);
    }
    writer.settle();
    writer.inodes.leave();
    // Names come last: what they lead to is on the disk then.
    syncFilesystem(this.#root);
    const identities = names.map((_, index) => {
      const status = statusOf(this.#root, this.#staging.at(index));
      return status === undefined ? null : identityOf(status);
    });
    this.#staging.setReady({ identities, counts: this.#counts });
  }

  #stageOne(
    found: Found,
    from: Uint8Array,
    to: Uint8Array,
    writer: TreeWriter,
    hooks: CopyHooks,
  ): void {
    const copy = this.#copyOf(found.subvolume, writer, hooks);
    const isWhole = found.inode === found.subvolume.rootInode;
    const isThere = statusOf(this.#root, to) !== undefined;
    if (isWhole && !isThere && this.#isBtrfs()) {
      if (trySnapshot(this.#root, to, found.subvolume, hooks.reflink)) {
        return this.#snapshotted.add(found.subvolume, found.inode);
      }
      if (tryCreateSubvolume(this.#root, to)) return copy.copyInto(found.inode, from, to);
    }
    copy.copy(found.inode, from, to);
    writer.settle();
  }

  #place(): RestoredThing[] {
    const { names } = this.#staging.header!;
    const { clash = 'keep-both', folder } = this.#input;
    const things: RestoredThing[] = [];
    for (const [index, { to, aside }] of names.entries()) {
      const identity = this.#staging.ready!.identities[index];
      if (identity === null || identity === undefined) continue;
      const staged = this.#staging.at(index);
      const asideBytes = aside === null ? null : bytesFromText(aside);
      const move = { staged, identity, to: bytesFromText(to), aside: asideBytes };
      const placed = putInPlace(this.#root, move, clash);
      if (placed === undefined) continue;
      const kept = placed.kept === null ? null : absolute(folder, placed.kept);
      things.push({ path: absolute(folder, placed.to), fingerprint: '', kept });
    }
    return things;
  }

  /** How everything looks in the end, once nothing changes it any more. */
  #summary(things: readonly RestoredThing[], folders: FoldersAbove): RestoreSummary {
    const items = things.map((thing) => ({
      ...thing,
      fingerprint: fingerprint(bytesFromText(thing.path)),
    }));
    const { header, ready } = this.#staging;
    const { files, bytes, sharedBytes } = ready!.counts;
    return {
      ...{ files, bytes, sharedBytes, items },
      madeFolders: folders.planned.map(({ path }) =>
        absolute(this.#input.folder, bytesFromText(path)),
      ),
      skipped: header!.skipped + (header!.names.length - things.length),
      ...this.#report.told,
    };
  }

  get #counts(): Counts {
    const copies = [...this.#copies.values()];
    const sum = (of: (copy: TreeCopy) => number): number =>
      copies.reduce((total, copy) => total + of(copy), 0);
    const whole = this.#snapshotted.total;
    return {
      files: whole.files + sum(({ files }) => files),
      bytes: whole.bytes + sum(({ bytes }) => bytes),
      sharedBytes: whole.bytes + sum(({ sharedBytes }) => sharedBytes),
      ...this.#report.counts,
    };
  }

  #writer(): TreeWriter {
    // Only btrfs has all of the properties that a new file could inherit by accident.
    return new TreeWriter(this.#root, { mayInherit: this.#isBtrfs(), onLoss: this.#report.onLoss });
  }

  #hooks(reflink: ReflinkSource | undefined, earlier: EarlierRun | undefined): CopyHooks {
    const { cancel, progress } = this.#context;
    const onProgress = (_bytes: number, _files: number, current: string): void => {
      let [bytes, files] = [0, 0];
      for (const copy of this.#copies.values()) {
        bytes += copy.bytes;
        files += copy.files;
      }
      progress({ step: 'copy', bytes, files, totalBytes: null, totalFiles: null, current });
    };
    return {
      ...{ cancel, onProgress, reflink, earlier },
      onLoss: this.#report.onLoss,
      damages: this.#report.damages,
    };
  }

  /** One for each subvolume: hard links do not cross them. */
  #copyOf(subvolume: Subvolume, writer: TreeWriter, hooks: CopyHooks): TreeCopy {
    const known = this.#copies.get(subvolume.id);
    if (known !== undefined) return known;
    const folder = bytesFromText(this.#input.folder);
    const target = new TargetTree(writer, this.#names, folder, hooks);
    const copy = new TreeCopy(subvolume, target, hooks);
    this.#copies.set(subvolume.id, copy);
    return copy;
  }

  #isBtrfs(): boolean {
    return filesystemOf(this.#root).magic === MAGIC.btrfs;
  }

  /** What was cancelled leaves nothing; what failed is gone on with by the same restore. */
  #leave(error: unknown): void {
    const { ready } = this.#staging;
    const isCancelled = error instanceof DendroError && error.kind === 'Cancelled';
    if (error instanceof DendroError && error.code === 'source-gone') {
      forgetVolume(this.#input.volume);
    }
    if (!isCancelled || ready !== undefined) return this.#staging.close();
    this.#staging.remove();
    this.#folders?.remove(this.#input.folder);
  }
}

function keyOf({ items, clash, beside, share }: RestoreInput, { info }: Subvolume): string {
  const uuid = Buffer.from(info.uuid).toString('hex');
  const names = items.flatMap(({ from, to }) => [from, to]);
  const { id, ctransid } = info;
  return stagingKey([uuid, id, ctransid, clash ?? '', beside ?? false, share ?? true, ...names]);
}

/** From the top of the subvolume that it lies in, which may be a nested one. */
function insidePath(top: Subvolume, found: Found, from: Uint8Array): Uint8Array {
  if (found.subvolume.id === top.id) return from;
  const above = top.info.path.length;
  const prefix = found.subvolume.info.path.length - (above === 0 ? 0 : above + 1);
  return from.subarray(Math.min(from.length, prefix + 1));
}
