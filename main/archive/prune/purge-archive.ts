import { join } from 'node:path';
import { usage } from '../../../shared/errors.ts';
import type { VerbContext } from '../../engine/context.ts';
import { matcher } from '../../engine/stream/exclude.ts';
import { composeFull, readerOf } from '../compose/synthetic-full.ts';
import { openToChange } from '../export/prepare.ts';
import { isSame, saveArchive } from '../folder/archive.ts';
import type { Secrets } from '../folder/keys.ts';
import type { PointRecord, SourceRecord } from '../format/manifest.ts';
import { indexOf, openTree, type OpenTree } from '../read/open-tree.ts';
import type { ArchiveReader, PointRef } from '../read/reader.ts';
import type { ArchiveTree } from '../tree/tree.ts';
import { outward } from '../verbs/entries.ts';
import { removeUnfinished, unfinishedIn } from '../write/unfinished.ts';
import type { Note } from '../../../shared/said.ts';

export interface PurgeInput {
  readonly folder: string;
  readonly secrets?: Secrets;
  /** Of gitignore(5), relative to the top of the source. */
  readonly pattern: string;
  readonly source?: string;
  readonly nowMs: number;
  readonly isDryRun?: boolean;
}

export interface PurgeSummary {
  /** Paths that match in any point, at most a thousand. */
  readonly paths: readonly string[];
  /** Points whose streams were written anew, without them. */
  readonly rewritten: readonly string[];
  readonly untouched: number;
  readonly notes: readonly Note[];
}

const SHOWN = 1_000;

/**
 * Takes everything that matches out of every stream. A stream that says nothing of it stays as
 * it is; each other one becomes a full stream without it. Further exports leave it out as well.
 * A point of a source that is not purged keeps what it took from one that is: it is made whole.
 */
export async function purgeArchive(input: PurgeInput, context: VerbContext): Promise<PurgeSummary> {
  if (
    input.pattern.trim() === '' ||
    input.pattern.startsWith('#') ||
    input.pattern.startsWith('!')
  ) {
    throw usage('bad-pattern', 'This pattern matches nothing that could be purged.', {
      hint: 'Name a path or a pattern of gitignore, for example "secrets/*.key".',
    });
  }
  const archive = openToChange(input.folder);
  try {
    const reader = await readerOf(archive, input.secrets);
    try {
      return await new Purge(reader, input, context).run();
    } finally {
      reader.close();
    }
  } finally {
    archive.close();
  }
}

/** Points of a source whose streams take from one of these. */
function buildingOn(source: SourceRecord, purged: readonly PointRef[]): PointRef[] {
  const takesFrom = ({ parent, cloneSources }: PointRecord): boolean =>
    [...(parent === null ? [] : [parent]), ...cloneSources].some((from) =>
      purged.some(({ point }) => isSame(from, point)),
    );
  return source.points.filter(takesFrom).map((point) => ({ source, point }));
}

class Purge {
  readonly #reader: ArchiveReader;
  readonly #input: PurgeInput;
  readonly #context: VerbContext;
  readonly #paths = new Set<string>();
  readonly #affected = new Set<string>();
  readonly #matches: (path: string) => boolean;

  constructor(reader: ArchiveReader, input: PurgeInput, context: VerbContext) {
    this.#reader = reader;
    this.#input = input;
    this.#context = context;
    const isMatch = matcher([input.pattern]);
    this.#matches = (path) => {
      const bytes = Buffer.from(path, 'latin1');
      return bytes.length > 0 && (isMatch(bytes, false) || isMatch(bytes, true));
    };
  }

  async run(): Promise<PurgeSummary> {
    const { manifest, folder } = this.#reader.archive;
    const { source: only, isDryRun = false, pattern, nowMs } = this.#input;
    const sources = manifest.sources.filter((one) => only === undefined || one.folder === only);
    for (const source of sources) await this.#look(source);
    const refs = sources.flatMap((source) => source.points.map((point) => ({ source, point })));
    const purged = refs.filter(({ point }) => this.#affected.has(point.uuid));
    const others = manifest.sources.filter((source) => !sources.includes(source));
    const dependents = others.flatMap((source) => buildingOn(source, purged));
    const rewritten = [...purged, ...dependents];
    if (!isDryRun) {
      // Newest first: what an older one says is needed to compose a newer one.
      for (const ref of [...dependents].reverse()) {
        await composeFull(this.#reader, ref, { nowMs }, this.#context);
      }
      for (const ref of [...purged].reverse()) {
        await composeFull(this.#reader, ref, { nowMs, purge: [pattern] }, this.#context);
      }
      for (const source of sources) this.#remember(source);
      // What an interrupted export left, or a purge that was killed, may hold it as well.
      for (const source of sources) {
        const inside = join(folder, source.folder);
        for (const { base } of unfinishedIn(inside)) removeUnfinished(folder, inside, base);
      }
      saveArchive(
        folder,
        manifest,
        sources.flatMap(({ points }) => points),
      );
    }
    return {
      paths: [...this.#paths].slice(0, SHOWN),
      rewritten: rewritten.map(({ source, point }) => `${source.folder}/${point.name}`),
      untouched: refs.length - purged.length,
      notes: this.#reader.notes,
    };
  }

  #remember(source: SourceRecord): void {
    const { pattern } = this.#input;
    if (!source.purged.includes(pattern)) source.purged.push(pattern);
    for (const point of source.points) {
      if (!point.excludes.includes(pattern)) point.excludes.push(pattern);
    }
  }

  /** Goes through each chain once and notes which streams have to do with what matches. */
  async #look(source: SourceRecord): Promise<void> {
    const isTip = ({ uuid, ctransid }: { uuid: string; ctransid: number }): boolean =>
      !source.points.some(({ parent }) => parent !== null && isSame(parent, { uuid, ctransid }));
    for (const point of source.points.filter(isTip))
      await this.#reader.closing(() => this.#lookAlong({ source, point }));
  }

  async #lookAlong(tip: PointRef): Promise<void> {
    await this.#reader.unlock(this.#reader.closureOf(tip));
    let isMentioned = false;
    let before = '';
    const onBegin = (tree: ArchiveTree): void => {
      tree.watch = (path) => (isMentioned ||= this.#matches(path));
    };
    const onPoint = ({ ref: at, tree }: OpenTree): void => {
      const now = this.#matching(tree);
      const isSourceOfClone = this.#clonesFrom(at);
      if (isMentioned || isSourceOfClone || now !== before) this.#affected.add(at.point.uuid);
      isMentioned = false;
      before = now;
    };
    openTree(this.#reader, tip, this.#context.cancel, { onPoint, onBegin });
  }

  #clonesFrom(ref: PointRef): boolean {
    return indexOf(this.#reader, ref, this.#context.cancel).foreign.some(({ path }) =>
      this.#matches(path),
    );
  }

  #matching(tree: ArchiveTree): string {
    const found: string[] = [];
    for (const { path } of tree.walk()) {
      if (!this.#matches(path)) continue;
      found.push(path);
      if (this.#paths.size < SHOWN) this.#paths.add(outward(path));
    }
    return found.sort().join('\n');
  }
}
