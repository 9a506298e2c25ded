import { join } from 'node:path';
import { conflict } from '../../../shared/errors.ts';
import { say, type Note } from '../../../shared/said.ts';
import type { Retention } from '../../../shared/model/retention.ts';
import type { VerbContext } from '../../engine/context.ts';
import { retainWhole } from '../../plan/retention.ts';
import { composeFull, readerOf } from '../compose/synthetic-full.ts';
import { openToChange } from '../export/prepare.ts';
import {
  allFilesOf,
  isSame,
  openArchive,
  recordPath,
  removeFiles,
  saveArchive,
} from '../folder/archive.ts';
import { wholePoints } from '../folder/whole-points.ts';
import { isFull, removeFile } from '../folder/durable.ts';
import { baseOf } from '../folder/names.ts';
import type { Secrets } from '../folder/keys.ts';
import type { PointRecord, SourceRecord } from '../format/manifest.ts';
import { pickPoint } from '../read/pick.ts';
import { ArchiveReader, type PointRef } from '../read/reader.ts';
import { KeyRing } from '../format/age-header.ts';
import { noteBegun, noteEnded, removeUnfinished, unfinishedIn } from '../write/unfinished.ts';

export interface PruneInput {
  readonly folder: string;
  readonly secrets?: Secrets;
  readonly nowMs: number;
  /** Only this source; default all. */
  readonly source?: string;
  /** What stays, by time: the rule of plans. Exactly one of this and `points` is given. */
  readonly keep?: Retention;
  /** These points go, by name. */
  readonly points?: readonly string[];
  /**
   * What is done with a point that goes while a point that stays builds on it:
   * 'compose' (default) makes the one that stays a full stream; 'keep' lets it stay for now.
   */
  readonly needed?: 'compose' | 'keep';
  /** Says what would be done. */
  readonly isDryRun?: boolean;
  /** Also removes what interrupted exports left. */
  readonly removeUnfinished?: boolean;
}

export interface PruneSummary {
  /** `source/name` of points that are gone. */
  readonly removed: readonly string[];
  /** Points that would have gone, were not others built on them. */
  readonly keptForOthers: readonly string[];
  /** Points that were made full streams. */
  readonly composed: readonly string[];
  readonly kept: readonly string[];
  readonly unfinishedRemoved: readonly string[];
  readonly notes: readonly Note[];
}

const DAY_MS = 86_400_000;

/**
 * Removes points. A point that stays can be restored at every moment: what it needs is made
 * before what it needed is taken away.
 * @throws Conflict 'clock-wrong' when a rule by time meets points from the future
 */
export async function pruneArchive(input: PruneInput, context: VerbContext): Promise<PruneSummary> {
  const archive =
    input.isDryRun === true
      ? { ...openArchive(input.folder), close: () => {} }
      : openToChange(input.folder);
  try {
    // Keys are needed to compose only; a prune that only removes asks for none.
    const plain = new ArchiveReader(archive, new KeyRing([]));
    const pruning = new Pruning(input, context, plain);
    const plan = pruning.plan();
    if (plan.compose.length === 0) return await pruning.carryOut(plan, plain);
    const reader = input.isDryRun === true ? plain : await readerOf(archive, input.secrets);
    try {
      return await pruning.carryOut(plan, reader);
    } finally {
      reader.close();
    }
  } finally {
    archive.close();
  }
}

interface PrunePlan {
  readonly remove: readonly PointRef[];
  readonly compose: readonly PointRef[];
  readonly keptForOthers: readonly PointRef[];
}

class Pruning {
  readonly #input: PruneInput;
  readonly #context: VerbContext;
  readonly #reader: ArchiveReader;
  readonly #whole: ReadonlySet<PointRecord>;

  constructor(input: PruneInput, context: VerbContext, reader: ArchiveReader) {
    this.#input = input;
    this.#context = context;
    this.#reader = reader;
    this.#whole = wholePoints(reader.archive.folder, reader.archive.manifest);
  }

  plan(): PrunePlan {
    const going = new Set(this.#chosen().map(({ point }) => point));
    const all = this.#reader.all;
    const compose: PointRef[] = [];
    const keptForOthers: PointRef[] = [];
    const staying = all.filter(({ point }) => !going.has(point));
    // To the end of each chain: what a point that stays needs, stays with it. No full stream can be
    // made of one that is not whole.
    const needing = staying.filter(
      ({ point }) => this.#input.needed === 'keep' || !this.#whole.has(point),
    );
    for (const link of needing.flatMap((ref) => this.#needsOf(ref))) {
      if (going.delete(link.point)) keptForOthers.push(link);
    }
    for (const ref of staying.filter((one) => !needing.includes(one))) {
      if (neededBy(ref.point, all).some(({ point }) => going.has(point))) compose.push(ref);
    }
    return { remove: all.filter(({ point }) => going.has(point)), compose, keptForOthers };
  }

  async carryOut(
    { remove, compose, keptForOthers }: PrunePlan,
    reader: ArchiveReader,
  ): Promise<PruneSummary> {
    const { isDryRun = false, nowMs } = this.#input;
    const { folder, manifest } = reader.archive;
    if (!isDryRun) {
      for (const ref of compose) await composeFull(reader, ref, { nowMs }, this.#context);
      for (const source of manifest.sources) {
        const gone = remove.filter((ref) => ref.source === source).map(({ point }) => point);
        if (gone.length > 0)
          this.#remove(folder, source, gone, () => saveArchive(folder, manifest));
      }
    }
    const unfinishedRemoved =
      isDryRun || this.#input.removeUnfinished !== true
        ? []
        : this.#clean(folder, manifest.sources);
    const composed = compose.map(named);
    return {
      removed: remove.map(named),
      keptForOthers: keptForOthers.map(named),
      composed,
      kept: reader.all
        .filter(({ point }) => !remove.some((gone) => gone.point === point))
        .map(named),
      unfinishedRemoved,
      notes: reader.notes,
    };
  }

  /** Out of the manifest first: a file that is not listed hurts nobody, a listed one that is gone does. */
  #remove(
    folder: string,
    source: SourceRecord,
    gone: readonly PointRecord[],
    save: () => void,
  ): void {
    this.#context.cancel.check();
    source.points = source.points.filter((point) => !gone.includes(point));
    const inside = join(folder, source.folder);
    for (const point of gone) this.#noteGoing(inside, point);
    // A record beside the files would bring the point back.
    for (const point of gone) removeFile(recordPath(folder, source, point));
    const removeAll = (): void => gone.forEach((point) => removeFiles(folder, source, point));
    try {
      save();
    } catch (error) {
      if (!isFull(error)) throw error;
      // No room to say so: what nobody builds on makes it.
      removeAll();
      save();
    }
    removeAll();
    for (const { parts } of gone) noteEnded(inside, baseOf(parts[0]!.file));
  }

  /** Whoever is killed behind the manifest leaves files that nobody lists: this tells that they go. */
  #noteGoing(inside: string, point: PointRecord): void {
    const base = baseOf(point.parts[0]!.file);
    const beganAtMs = this.#input.nowMs;
    try {
      const replaces = allFilesOf(point);
      noteBegun(inside, { base, fingerprint: '', name: point.name, beganAtMs, replaces });
    } catch (error) {
      // Where there is no room for it, room is what is made here.
      if (!isFull(error)) throw error;
    }
  }

  #chosen(): PointRef[] {
    const { keep, points, source } = this.#input;
    if (points !== undefined) return points.map((text) => pickPoint(this.#reader, text));
    if (keep === undefined) return [];
    const sources = this.#reader.archive.manifest.sources.filter(
      ({ folder }) => source === undefined || folder === source,
    );
    return sources.flatMap((one) => {
      this.#assertClock(one);
      const isWhole = (point: PointRecord): boolean => this.#whole.has(point);
      const verdicts = retainWhole(one.points, isWhole, keep, this.#input.nowMs);
      return verdicts
        .filter((verdict) => !verdict.keep)
        .map(({ point }) => ({ source: one, point }));
    });
  }

  #assertClock({ points }: SourceRecord): void {
    const future = points.find(({ takenAtMs }) => takenAtMs > this.#input.nowMs + DAY_MS);
    if (future === undefined) return;
    const date = new Date(future.takenAtMs).toISOString().slice(0, 10);
    throw conflict(
      'clock-wrong',
      say`"${{ name: future.name }}" was taken on ${{ date }}, which has not come yet.`,
      {
        hint: 'Set the clock of this computer; or name the points to remove.',
      },
    );
  }

  /** Everything that this one needs, through as many links as it takes; itself not. */
  #needsOf(ref: PointRef): PointRef[] {
    const found: PointRef[] = [];
    const queue = [ref];
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      for (const below of neededBy(next.point, this.#reader.all)) {
        if (found.some(({ point }) => point === below.point)) continue;
        found.push(below);
        queue.push(below);
      }
    }
    return found;
  }

  #clean(folder: string, sources: readonly SourceRecord[]): string[] {
    return sources.flatMap((source) => {
      const inside = join(folder, source.folder);
      return unfinishedIn(inside).map(({ base, name }) => {
        removeUnfinished(folder, inside, base);
        return `${source.folder}/${name}`;
      });
    });
  }
}

/** The points that a stream takes something from at once. */
function neededBy({ parent, cloneSources }: PointRecord, all: readonly PointRef[]): PointRef[] {
  const identities = [...(parent === null ? [] : [parent]), ...cloneSources];
  return all.filter(({ point }) => identities.some((identity) => isSame(point, identity)));
}

function named({ source, point }: PointRef): string {
  return `${source.folder}/${point.name}`;
}
