import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { DendroError } from '../../../shared/errors.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { isSame, ofSource, recordPath, type Archive } from '../folder/archive.ts';
import { readManifest, readRecords, sourceFileIn, type FoundRecord } from '../folder/documents.ts';
import { readText } from '../folder/durable.ts';
import { isNewer } from '../folder/listed-once.ts';
import { AGE_SUFFIX, baseOf, CHECKSUMS, INDEX_SUFFIX, SOURCE_FILE } from '../folder/names.ts';
import { checksumText } from '../format/checksums.ts';
import type { Manifest, PointRecord, SourceRecord } from '../format/manifest.ts';
import { unfinishedIn } from '../write/unfinished.ts';
import type { PointRef } from '../read/reader.ts';

/** Two places of an archive that say something else of the same thing. */
export interface Contradiction {
  readonly code: string;
  /** In the archive. */
  readonly file: string;
  readonly message: Note;
  /** A point that may be restored wrongly because of it. */
  readonly spoiled?: PointRef;
}

export interface ToldTwice {
  readonly problems: readonly Contradiction[];
  /** What stands in one place only, where it should be in two. */
  readonly notes: readonly Note[];
}

/**
 * What describes an archive stands in it twice: points in the manifest and in the records beside
 * their streams, sources in the manifest and in `source.json`, hashes in the manifest and in
 * SHA256SUMS. Where one was changed alone, by accident or by a careless hand, they differ. What is
 * being written is left out: there it is as it should be.
 */
export function toldTwice(archive: Archive): ToldTwice {
  return new Comparison(archive).run();
}

/** Fields of a record by which the bytes of a point are found and put together. */
const OF_RESTORING: readonly string[] = [
  ...['uuid', 'ctransid', 'parent', 'cloneSources', 'recipients', 'plain', 'parts'],
];

/** Made from the stream, by which they are looked at; whoever is killed making them leaves two. */
const OF_INDEX: readonly string[] = ['index', 'unhashed'];

const HASH_DIGITS = 64;
const HASH_AND_SPACES = HASH_DIGITS + 2;

class Comparison {
  readonly #archive: Archive;
  readonly #listed: Manifest | undefined;
  readonly #records: readonly FoundRecord[];
  readonly #problems: Contradiction[] = [];
  readonly #notes: Note[] = [];
  #isBeingWritten = false;

  constructor(archive: Archive) {
    this.#archive = archive;
    this.#listed = readable(() => readManifest(archive.folder));
    this.#records = readRecords(archive.folder, []);
  }

  run(): ToldTwice {
    for (const source of this.#archive.manifest.sources) {
      const listed = this.#listedAs(source);
      const begun = unfinishedIn(join(this.#archive.folder, source.folder));
      if (begun.length > 0) this.#isBeingWritten = true;
      else if (listed !== undefined) this.#source(source, listed);
      this.#points(source, listed, begun);
    }
    if (this.#listed !== undefined && !this.#isBeingWritten) this.#checksums(this.#listed);
    return { problems: this.#problems, notes: this.#notes };
  }

  /** What the manifest says of a source, whose folder somebody may have renamed. */
  #listedAs(source: SourceRecord): SourceRecord | undefined {
    const { sources } = this.#archive.manifest;
    const isElsewhere = ({ folder }: SourceRecord): boolean =>
      sources.some((one) => one.folder === folder);
    const listed = this.#listed?.sources ?? [];
    return (
      listed.find(({ folder }) => folder === source.folder) ??
      listed.find(
        (one) => !isElsewhere(one) && one.points.some((point) => isIn(source.points, point)),
      )
    );
  }

  #points(
    source: SourceRecord,
    listed: SourceRecord | undefined,
    begun: readonly { readonly base: string }[],
  ): void {
    for (const point of source.points) {
      const base = baseOf(point.parts[0]!.file);
      if (!begun.some((one) => one.base === base)) this.#point({ source, point }, listed);
    }
  }

  #point(ref: PointRef, listed: SourceRecord | undefined): void {
    const { source, point } = ref;
    const file = basename(recordPath('', source, point));
    const record = this.#records.find((one) => one.folder === source.folder && one.file === file);
    const listings = listed?.points.filter((one) => isSame(one, point)) ?? [];
    // Whoever is killed between the two leaves the record newer than the manifest.
    const isOld = (one: PointRecord): boolean =>
      one.exportedAtMs === point.exportedAtMs && isNewer(point, one);
    const current = listings.filter((one) => !isOld(one));
    const others = [...(record === undefined ? [] : [record.point]), ...current];
    const fields = new Set(others.flatMap((other) => differing(point, other)));
    if (fields.size > 0) this.#differ(ref, `${source.folder}/${file}`, [...fields]);
    if (record === undefined) this.#notes.push(noRecord(ref));
    if (listed === undefined || current.length > 0) return;
    this.#notes.push(listings.length > 0 ? notListedYet(ref) : notListed(ref));
  }

  #differ(ref: PointRef, file: string, fields: readonly string[]): void {
    const message = noted(
      'record-differs',
      say`The manifest and the record beside the stream say something else of this point: ${{ fields: fields.join(', ') }}.`,
    );
    if (fields.every((field) => OF_INDEX.includes(field))) {
      this.#notes.push(message);
      return;
    }
    const isOfRestoring = fields.some((field) => OF_RESTORING.includes(field));
    this.#problems.push({
      ...{ code: 'record-differs', file, message },
      ...(isOfRestoring && { spoiled: ref }),
    });
  }

  #source({ folder }: SourceRecord, listed: SourceRecord): void {
    const file = `${folder}/${SOURCE_FILE}`;
    const text = readable(() => readText(join(this.#archive.folder, file)));
    const found = text === undefined ? undefined : sourceFileIn(text);
    if (found === undefined) {
      this.#notes.push(
        noted('source-file-lost', say`${{ file: printable(file) }} is missing or damaged.`),
      );
      return;
    }
    const fields = differing(ofSource(listed), ofSource(found));
    if (fields.length === 0) return;
    const message = noted(
      'source-differs',
      say`The manifest says something else of this source: ${{ fields: fields.join(', ') }}.`,
    );
    this.#problems.push({ code: 'source-differs', file, message });
  }

  /**
   * Whoever is killed between the manifest and this file leaves it as it was before: without a new
   * stream, or with an index that was made again since.
   */
  #checksums(listed: Manifest): void {
    const text = readable(() => readText(join(this.#archive.folder, CHECKSUMS)));
    const wanted = checksumText(listed);
    if (text === wanted) return;
    const hashes = hashesIn(text ?? '');
    const isOther = [...hashesIn(wanted)].some(
      ([file, sha256]) => !isIndex(file) && (hashes.get(file) ?? sha256) !== sha256,
    );
    if (text === undefined || !isOther) {
      this.#notes.push(
        noted(
          'checksums-stale',
          say`${{ file: CHECKSUMS }} is missing or lists other files than the manifest; the next export writes it again.`,
        ),
      );
      return;
    }
    const message = noted('checksums-differ', 'It lists other hashes than the manifest does.');
    this.#problems.push({ code: 'checksums-differ', file: CHECKSUMS, message });
  }
}

function isIndex(file: string): boolean {
  return file.endsWith(INDEX_SUFFIX) || file.endsWith(INDEX_SUFFIX + AGE_SUFFIX);
}

/** By file. */
function hashesIn(checksums: string): Map<string, string> {
  const lines = checksums.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => [line.slice(HASH_AND_SPACES), line.slice(0, HASH_DIGITS)]));
}

function isIn(points: readonly PointRecord[], point: PointRecord): boolean {
  return points.some((one) => isSame(one, point));
}

function differing(a: object, b: object): string[] {
  const [one, other] = [a, b].map((fields) => new Map(Object.entries(fields)));
  const names = new Set([...one!.keys(), ...other!.keys()]);
  return [...names].filter((name) => !isDeepStrictEqual(one!.get(name), other!.get(name)));
}

function noRecord({ source, point }: PointRef): Note {
  const name = printable(`${source.folder}/${point.name}`);
  return noted(
    'record-lost',
    say`"${{ name }}" has no record beside its stream: were the manifest lost, so were its name and its times. dendro archive rebuild-index writes it.`,
  );
}

function notListedYet({ source, point }: PointRef): Note {
  const name = printable(`${source.folder}/${point.name}`);
  return noted(
    'record-newer',
    say`The record beside "${{ name }}" is newer than the manifest, and is used: whoever wrote it was interrupted. The next change of the archive brings the manifest up to date.`,
  );
}

function notListed({ source, point }: PointRef): Note {
  const name = printable(`${source.folder}/${point.name}`);
  return noted(
    'not-in-manifest',
    say`"${{ name }}" is not in the manifest; the record beside its stream is used.`,
  );
}

/** Undefined where it is damaged or cannot be read, which is said where the archive is opened. */
function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof DendroError)) throw error;
    return undefined;
  }
}
