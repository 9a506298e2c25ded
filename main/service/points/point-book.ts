import { createHash } from 'node:crypto';
import type { RestorePoint, Subvolume } from '../../../shared/model/subvolume.ts';
import type { Volume } from '../../../shared/model/volume.ts';
import { driveOfPlace, isVolume } from '../../../shared/model/plan-target.ts';
import type { Drive } from '../../../shared/model/drive.ts';
import type { Drives } from '../../drives/drives.ts';
import { isStagedPath } from '../../engine/sink/staged-path.ts';
import type { Engine } from '../../engine/engine.ts';
import type { History } from '../../history/history.ts';
import type { SourcePoints } from '../../history/source-points.ts';
import { mountedPathOf } from '../volumes/mounted-path.ts';
import type { KnownVolume, VolumeBook } from '../volumes/volume-book.ts';
import { foreignSnapshot } from '../../other-tools/layouts.ts';
import type { ArchivesHere } from './archives-here.ts';
import { streamUuid } from '../../plan/parents.ts';
import { formsBeside, marksBeside } from './beside-copies.ts';
import { pointsOf } from './classify.ts';
import { continuedSources } from './continued-sources.ts';

export interface PointBookParts {
  readonly engine: Engine;
  readonly volumes: VolumeBook;
  readonly history: Pick<History, 'points' | 'sentWithout' | 'sourcePaths' | 'plans'>;
  readonly drives: Pick<Drives, 'known'>;
  readonly archives: ArchivesHere;
  readonly nowMs: () => number;
}

/** The subvolumes of volumes that are here, and the restore points everywhere. */
export class PointBook {
  readonly #parts: PointBookParts;
  #drives: readonly Drive[] = [];
  /** What was recorded last of each volume, and how the history was after that. */
  readonly #recorded = new Map<string, { readonly facts: string; readonly stamp: number }>();

  constructor(parts: PointBookParts) {
    this.#parts = parts;
  }

  async subvolumes(known: KnownVolume): Promise<Subvolume[]> {
    const { volume, input } = known;
    const facts = await this.#parts.engine.run('subvolumes', input);
    return facts.map((fact) => ({
      ...fact,
      volumeId: volume.volumeId,
      mountedPath: mountedPathOf(volume, fact.path),
      whole: !isStagedPath(fact.path),
    }));
  }

  /** What copies lack, as is noted beside them: the history may not know, being younger than they. */
  learnForms(copies: readonly Subvolume[]): void {
    const { sentWithout } = this.#parts.history;
    for (const form of formsBeside(copies, sentWithout.all())) sentWithout.record(form);
  }

  /** Reads every volume that is here and can be read, and records what it holds. */
  async look(): Promise<{ volumes: readonly KnownVolume[]; subvolumes: Subvolume[] }> {
    const { volumes: book, drives } = this.#parts;
    const [volumes, found] = await Promise.all([book.list(), drives.known()]);
    this.#drives = found;
    await this.#parts.archives.look(found);
    const read: [KnownVolume, Subvolume[]][] = [];
    for (const known of volumes.filter(({ volume }) => volume.problem === null)) {
      const below = await this.subvolumes(known).catch(() => undefined);
      if (below) read.push([known, below]);
    }
    const { points } = this.#parts.history;
    const before = points.stamp();
    for (const [known, below] of read) this.#record(known, below);
    // What one volume tells of a point may be news for those that were recorded before it.
    if (points.stamp() !== before) for (const [known, below] of read) this.#record(known, below);
    return { volumes, subvolumes: read.flatMap(([, below]) => below) };
  }

  /** Before a list of all: reads what is not known yet without keeping others waiting. */
  readAhead(): Promise<void> {
    return this.#parts.history.points.readAhead();
  }

  /** Newest first; of one source when its uuid is given. */
  list(volumes: readonly KnownVolume[], sourceUuid?: string): RestorePoint[] {
    return this.#parts.history.points.list(this.#present(volumes), sourceUuid).map(withMaker);
  }

  /** Those of these points that are known, in any order. */
  these(volumes: readonly KnownVolume[], ids: readonly string[]): RestorePoint[] {
    return this.#parts.history.points.these(this.#present(volumes), ids).map(withMaker);
  }

  /** Some of the points of one source, the newest first. */
  page(
    volumes: readonly KnownVolume[],
    sourceUuid: string,
    part: { readonly limit: number; readonly offset: number },
  ): RestorePoint[] {
    const { points } = this.#parts.history;
    return points.page(this.#present(volumes), sourceUuid, part).map(withMaker);
  }

  /** What each source comes to, with so many of its newest points. */
  sources(volumes: readonly KnownVolume[], newest: number): SourcePoints[] {
    const { history, nowMs } = this.#parts;
    const all = history.points.sources(this.#present(volumes), newest, nowMs());
    return all.map((source) => ({ ...source, newest: source.newest.map(withMaker) }));
  }

  /** Sources that a rollback put in the place of others, each with the one that stood there. */
  formers(): ReadonlyMap<string, string> {
    return this.#parts.history.sourcePaths.formers();
  }

  /** As of the last look. */
  get drives(): readonly Drive[] {
    return this.#drives;
  }

  /** Which drives are here, without a look at any volume. */
  async lookAtDrives(): Promise<void> {
    this.#drives = await this.#parts.drives.known();
  }

  /** As of the last look. */
  drivesHere(): Set<string> {
    const here = this.#drives.filter(({ state }) => state !== 'away');
    return new Set(here.map(({ driveId }) => driveId));
  }

  /** Places that can be read from now; whether another computer answers is not tried. */
  #present(volumes: readonly KnownVolume[]): Set<string> {
    const readable = volumes.filter(({ volume }) => !isDead(volume));
    const present = new Set(readable.map(({ volume }) => volume.volumeId));
    const here = this.drivesHere();
    const { history, archives } = this.#parts;
    for (const { volumeId } of history.points.volumesSeen()) {
      const drive = driveOfPlace(volumeId);
      if (archives.isMissing(volumeId)) continue;
      if (!isVolume(volumeId) && (drive === null || here.has(drive))) present.add(volumeId);
    }
    return present;
  }

  /** Writes nothing when nothing has changed: the page asks often, and volumes hold thousands. */
  #record({ volume }: KnownVolume, subvolumes: readonly Subvolume[]): void {
    const { volumeId, name } = volume;
    const {
      history: { points, sentWithout },
      nowMs,
    } = this.#parts;
    points.volumeSeen(volumeId, name, nowMs());
    const facts = hash(volume, subvolumes);
    const before = this.#recorded.get(volumeId);
    if (before?.facts === facts && before.stamp === points.stamp()) return;
    this.learnForms(subvolumes);
    const hints = {
      known: points.known(),
      forms: sentWithout.all(),
      marked: marksBeside(subvolumes),
    };
    points.replaceVolume(volumeId, pointsOf(subvolumes, hints));
    this.#followRollbacks(volume, subvolumes);
    this.#recorded.set(volumeId, { facts, stamp: points.stamp() });
  }

  /** What stands where a source stood goes on with its points, and with the plans that name it. */
  #followRollbacks({ volumeId, mounts }: Volume, subvolumes: readonly Subvolume[]): void {
    const { points, sentWithout, sourcePaths, plans } = this.#parts.history;
    const known = points.known();
    const sourceOf = (point: Subvolume): string | null => {
      const uuid = streamUuid(point) ?? '';
      return known.get(sentWithout.get(uuid)?.pointId ?? uuid)?.sourceUuid ?? null;
    };
    const mounted = new Set(mounts.map(({ subvolume }) => subvolume.replace(/^\//, '')));
    const before = sourcePaths.on(volumeId);
    const sources = new Set([...known.values()].map(({ sourceUuid }) => sourceUuid));
    const { seen, continued } = continuedSources(subvolumes, mounted, before, sourceOf, (uuid) =>
      sources.has(uuid),
    );
    if (seen.length === 0) return;
    // The note last: without it the same is found again.
    for (const { now, former } of continued) plans.follow(former, now);
    sourcePaths.note(volumeId, seen);
  }
}

/** A drive may be plugged in, mounted even, and nothing of it can be read any more. */
function isDead({ problem }: Volume): boolean {
  return problem?.kind === 'Io' || problem?.kind === 'Corrupt';
}

/** A backup of Dendro's own is nobody else's, whatever its name looks like. */
function withMaker(point: RestorePoint): RestorePoint {
  if (point.backup !== null) return point;
  const maker = point.copies.flatMap(({ path }) => foreignSnapshot(path) ?? [])[0];
  return maker ? { ...point, madeBy: { tool: maker.tool, label: maker.label } } : point;
}

function hash({ mounts }: Volume, subvolumes: readonly Subvolume[]): string {
  const digest = createHash('sha1');
  digest.update(JSON.stringify(mounts.map(({ subvolume }) => subvolume)));
  for (const one of subvolumes) {
    const { subvolumeId, path, uuid, parentUuid, receivedUuid, readOnly, whole, createdAtMs } = one;
    const facts = [subvolumeId, path, uuid, parentUuid, receivedUuid, readOnly, whole, createdAtMs];
    digest.update(JSON.stringify(facts));
  }
  return digest.digest('base64');
}
