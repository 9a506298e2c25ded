import { join } from 'node:path';
import { corrupt } from '../../../shared/errors.ts';
import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { COMMAND } from '../../engine/stream/protocol.ts';
import { freeBase, sourceFor, type WritableArchive } from '../export/prepare.ts';
import { allFilesOf, isSame, removeFiles, saveArchive } from '../folder/archive.ts';
import { tryToTidy } from '../folder/durable.ts';
import { hasStream } from '../folder/whole-points.ts';
import type { AgeHeader } from '../format/age-header.ts';
import {
  fileBytesOf,
  FORMAT_VERSION,
  POINT_FORMAT,
  type PointRecord,
  type SourceRecord,
} from '../format/manifest.ts';
import { CUT_MARK } from '../format/stream-name.ts';
import type { StreamFacts } from '../index/indexing-sink.ts';
import { pointsOf } from '../read/reader.ts';
import { partLimit } from '../write/part-limit.ts';
import { headerFor } from '../write/point-writer.ts';
import { noteBegun, noteEnded, removeUnfinished } from '../write/unfinished.ts';
import { cutUuid, withCutUuid } from './cut-stream.ts';
import { FactsSink } from './facts-sink.ts';
import { foreignOf } from './rebuild-point.ts';
import { SubvolumeImport, type ImportedSubvolume } from './subvolume-import.ts';
import { takenAt, type FileTimes, type TimeSource } from './taken-at.ts';

export interface ImportedPoint {
  /** The file that it came from. */
  readonly file: string;
  readonly source: string;
  readonly name: string;
  readonly uuid: string;
  readonly parent: string | null;
  readonly streamBytes: number;
  readonly fileBytes: number;
  /** As its stream calls it. */
  readonly streamName: string;
  /** Of a stream that was cut short: the files that had begun and are left out. */
  readonly leftOut: readonly string[];
  /** What says when it was taken. */
  readonly timeFrom: TimeSource;
}

export interface StreamImportSpec {
  readonly file: string;
  readonly archive: WritableArchive;
  readonly title: string;
  readonly nowMs: number;
  readonly fileTimes: FileTimes;
  readonly level: number;
  /** What the sidecar says that the (last) snapshot of the file is received as. */
  readonly expectedUuid: string | undefined;
  /** The snapshot of this uuid is damaged or ends too early: its beginning is taken, under another. */
  readonly cutUuid: string | undefined;
}

interface Done extends ImportedSubvolume {
  /** The newest change that its stream tells. */
  readonly changedMs: number | null;
}

/**
 * Takes the commands of one file in. Each subvolume gets a stream of its own, with a header and an
 * END; its commands stay as they are.
 */
export class StreamImport {
  readonly sink: FactsSink;
  /** Of the stream that is read now. */
  version = 1;
  readonly #spec: StreamImportSpec;
  readonly #header: AgeHeader | null;
  readonly #done: Done[] = [];
  #current: SubvolumeImport | undefined;
  #first: Buffer | undefined;
  #lastUuid = '';

  static async begin(spec: StreamImportSpec): Promise<StreamImport> {
    return new StreamImport(
      spec,
      await headerFor(spec.archive.manifest.encryption?.recipients ?? []),
    );
  }

  private constructor(spec: StreamImportSpec, header: AgeHeader | null) {
    this.#spec = spec;
    this.#header = header;
    this.sink = new FactsSink(spec.nowMs, (facts) => this.#begin(facts));
  }

  /** The bytes of the command that the sink gets next. */
  command(bytes: Buffer): void {
    const command = bytes.readUInt16LE(4);
    if (command === COMMAND.subvol || command === COMMAND.snapshot) {
      this.#endCurrent();
      this.#first = withCutUuid(bytes, this.#spec.cutUuid);
      return;
    }
    this.#current?.command(bytes);
  }

  /** Of the subvolume that has begun and not come to its end. */
  get unendedUuid(): string | undefined {
    return this.#current?.hasEnd === false ? this.#current.spec.facts.identity.uuid : undefined;
  }

  /** All subvolumes of the file into the archive. */
  finish(): ImportedPoint[] {
    this.#endCurrent();
    const { expectedUuid, cutUuid: cut } = this.#spec;
    if (
      cut === undefined &&
      expectedUuid !== undefined &&
      expectedUuid !== '' &&
      expectedUuid !== this.#lastUuid
    ) {
      this.abort();
      throw corrupt(
        'sidecar-mismatch',
        'The stream is not the one that its .info file describes.',
        {
          hint: 'The two were mixed up; import the file without its .info file if you know better.',
        },
      );
    }
    const imported: ImportedPoint[] = [];
    for (let one = this.#done[0]; one !== undefined; one = this.#done[0]) {
      imported.push(this.#record(one));
      this.#done.shift();
    }
    return imported;
  }

  abort(): void {
    const { archive } = this.#spec;
    const begun = this.#done.map(({ source, base }) => ({ source, base }));
    if (this.#current !== undefined) {
      this.#current.abort();
      const { source, files } = this.#current.spec;
      begun.push({ source, base: files.base });
    }
    for (const { source, base } of begun) {
      const inside = join(archive.folder, source.folder);
      tryToTidy(() => removeUnfinished(archive.folder, inside, base));
    }
    this.#done.length = 0;
    this.#current = undefined;
  }

  #begin(given: StreamFacts): void {
    const isCut = given.identity.uuid === this.#spec.cutUuid;
    const facts = isCut ? cutFacts(given) : given;
    this.#lastUuid = facts.identity.uuid;
    const { archive, nowMs, level } = this.#spec;
    const known = pointsOf(archive).filter(({ point }) => isSame(point, facts.identity));
    const isThere = known.some(({ source: { folder }, point }) =>
      hasStream(join(archive.folder, folder), point),
    );
    if (isThere || this.#done.some((one) => isSame(one.facts.identity, facts.identity))) return;
    const source = known[0]?.source ?? this.#sourceOf(facts);
    const inside = join(archive.folder, source.folder);
    const base = freeBase(inside, facts.name);
    const name = textFromBytes(facts.name);
    const replaces = known.slice(0, 1).flatMap(({ point }) => allFilesOf(point));
    noteBegun(inside, { base, fingerprint: '', name, beganAtMs: nowMs, replaces });
    const recipients = archive.manifest.encryption?.recipients ?? [];
    const partBytes = partLimit(archive.folder);
    const files = { inside, base, recipients, level, partBytes };
    this.#current = new SubvolumeImport(
      { facts, source, files, header: this.#header, protocol: this.version, isCut },
      this.#first!,
    );
  }

  #sourceOf({ parent }: StreamFacts): SourceRecord {
    const { archive, title } = this.#spec;
    const { sources } = archive.manifest;
    const family = sources.find(
      ({ points }) => parent !== null && points.some((point) => isSame(point, parent)),
    );
    const same = sources.find((one) => one.title === title || one.folder === title);
    return family ?? same ?? sourceFor(archive, null, bytesFromText(title));
  }

  #endCurrent(): void {
    if (this.#current === undefined) return;
    const changedMs = this.sink.changed.atMs;
    this.#done.push({ ...this.#current.end(), changedMs });
    this.#current = undefined;
  }

  #record(one: Done): ImportedPoint {
    const { facts, source, base, parts, indexed } = one;
    const { plain } = indexed;
    const { archive, nowMs } = this.#spec;
    const time = this.#takenAt(one);
    const streamName = textFromBytes(facts.name);
    const point: PointRecord = {
      ...{
        format: POINT_FORMAT,
        version: FORMAT_VERSION,
        name: one.isCut ? `${streamName}${CUT_MARK}` : streamName,
      },
      ...facts.identity,
      ...{ parent: facts.parent, cloneSources: foreignOf(indexed.foreign, facts) },
      takenAtMs: time.atMs,
      ...{ exportedAtMs: nowMs, isSynthetic: false, excludes: [], protocol: one.protocol },
      recipients: [...(archive.manifest.encryption?.recipients ?? [])],
      ...{ commands: one.commands, names: null, dataBytes: indexed.dataBytes },
      parts: [...parts],
      plain,
      index: one.index,
    };
    // One that is listed, but not there.
    const replaced = source.points.find((other) => isSame(other, point));
    source.points = [...source.points.filter((other) => other !== replaced), point];
    // They need the chain, which is gone through when all streams have come.
    if (indexed.due.size > 0) point.unhashed = indexed.due.size;
    saveArchive(archive.folder, archive.manifest, [point]);
    if (replaced !== undefined) removeFiles(archive.folder, source, replaced);
    noteEnded(join(archive.folder, source.folder), base);
    return {
      file: this.#spec.file,
      source: source.folder,
      name: point.name,
      uuid: point.uuid,
      parent:
        source.points.find((one) => facts.parent !== null && isSame(one, facts.parent))?.name ??
        null,
      streamBytes: plain.bytes,
      fileBytes: fileBytesOf(point),
      streamName,
      leftOut: one.leftOut,
      timeFrom: time.from,
    };
  }

  /** A file is called after its last subvolume, which is the only one where it is as usual. */
  #takenAt({ facts, changedMs }: Done): ReturnType<typeof takenAt> {
    const { archive, fileTimes, nowMs } = this.#spec;
    const name = textFromBytes(facts.name.subarray(facts.name.lastIndexOf(0x2f) + 1));
    const parent = pointsOf(archive).find(
      ({ point }) => facts.parent !== null && isSame(point, facts.parent),
    );
    const parentMs = parent?.point.takenAtMs ?? null;
    const isLast = facts.identity.uuid === this.#lastUuid;
    const { mtimeMs } = fileTimes;
    const file = isLast ? fileTimes : { snapperMs: null, names: [], mtimeMs };
    return takenAt({ name, changedMs, parentMs }, file, nowMs);
  }
}

function cutFacts(facts: StreamFacts): StreamFacts {
  const { identity } = facts;
  return { ...facts, identity: { ...identity, uuid: cutUuid(identity.uuid) } };
}
