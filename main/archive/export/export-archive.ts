import { join } from 'node:path';
import { DendroError } from '../../../shared/errors.ts';
import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../../engine/context.ts';
import { volumeFor, type VolumeInput } from '../../engine/open-volumes.ts';
import { send, type SendRequest } from '../../engine/send.ts';
import { streamFingerprint } from '../../engine/send-identity.ts';
import { decodeStream } from '../../engine/stream/decode.ts';
import { StreamEncoder } from '../../engine/stream/encode.ts';
import {
  listSubvolumes,
  openSubvolume,
  type Subvolume,
  type SubvolumeInfo,
} from '../../engine/tree/index.ts';
import { timeMs } from '../../engine/verbs/entries.ts';
import {
  type Identity,
  POINT_FORMAT,
  FORMAT_VERSION,
  type PointRecord,
  type SourceRecord,
} from '../format/manifest.ts';
import { isSame, saveArchive } from '../folder/archive.ts';
import type { EncryptionRequest } from '../folder/keys.ts';
import { hex, IndexingSink } from '../index/indexing-sink.ts';
import { partLimit } from '../write/part-limit.ts';
import { PointWriter } from '../write/point-writer.ts';
import { findLeftover, type Leftover } from '../write/resume.ts';
import { noteBegun, noteEnded, removeUnfinished, unfinishedIn } from '../write/unfinished.ts';
import { chooseParent, identityOf, type ChosenParent } from './choose-parent.ts';
import { hashDue } from './hash-due.ts';
import { freeBase, openToWrite, sourceFor, type WritableArchive } from './prepare.ts';

export interface ExportInput {
  readonly volume: VolumeInput;
  /** A read-only snapshot. */
  readonly snapshotId: number;
  /** Absolute path of the archive's folder; it is made when it is empty or not there. */
  readonly folder: string;
  /** Milliseconds since 1970, by the caller's clock. */
  readonly nowMs: number;
  /** 'best' (default): what changed since the nearest snapshot that the archive has. */
  readonly parent?: 'best' | 'full';
  /** zstd, 1..19; default 3. */
  readonly level?: number;
  /** Patterns of gitignore(5) that are left out. */
  readonly excludes?: readonly string[];
  /** Version of the stream; 1 (default) is read by every btrfs-progs. */
  readonly protocol?: 1 | 2;
  readonly compressedData?: boolean;
  /** What the source is called in the archive; default: by the path of its subvolume. */
  readonly title?: string;
  /** Of the snapshot, in the archive; default its own. */
  readonly name?: string;
  /** No part is larger; default: what the filesystem takes. */
  readonly partBytes?: number;
  /** For a new archive. */
  readonly encryption?: EncryptionRequest;
}

export interface ExportSummary {
  /** The source's folder in the archive. */
  readonly source: string;
  readonly name: string;
  readonly uuid: string;
  /** Name of the point that it builds on; null for a full export. */
  readonly parent: string | null;
  /** False: the archive had this snapshot already, nothing was written. */
  readonly isNew: boolean;
  /** Files with their folder, in the archive. */
  readonly files: readonly string[];
  readonly fileBytes: number;
  /** Of the plain stream. */
  readonly streamBytes: number;
  readonly dataBytes: number;
  readonly commands: number;
  /** Bytes of files without checksums: nothing proves that they are right. */
  readonly unverifiedBytes: number;
  readonly nestedSubvolumes: number;
  /** Commands that an earlier, interrupted export had written already. */
  readonly resumedCommands: number;
  readonly notes: readonly string[];
}

const DEFAULT_LEVEL = 3;
const LOOK_MASK = 255;
const DAY_MS = 86_400_000;

/**
 * Writes a snapshot into an archive: full, or what changed since the nearest one that is there.
 * Interrupted at any moment it leaves every finished point as it was; the same export then goes
 * on at the last whole frame. A cancelled one leaves nothing.
 */
export async function exportArchive(
  input: ExportInput,
  context: VerbContext,
): Promise<ExportSummary> {
  const volume = volumeFor(input.volume, context.cancel);
  const snapshot = openSubvolume(volume, input.snapshotId);
  const archive = await openToWrite(input.folder, input.nowMs, input.encryption);
  try {
    return await new Export(input, context, archive, snapshot).run();
  } finally {
    archive.close();
  }
}

class Export {
  readonly #input: ExportInput;
  readonly #context: VerbContext;
  readonly #archive: WritableArchive;
  readonly #snapshot: Subvolume;
  readonly #source: SourceRecord;
  readonly #inside: string;
  readonly #notes: string[];
  readonly #request: SendRequest;
  readonly #parent: ChosenParent | undefined;
  readonly #identity: Identity;

  constructor(
    input: ExportInput,
    context: VerbContext,
    archive: WritableArchive,
    snapshot: Subvolume,
  ) {
    this.#input = input;
    this.#context = context;
    this.#archive = archive;
    this.#snapshot = snapshot;
    this.#source = sourceOf(archive, snapshot, input.title);
    this.#inside = join(archive.folder, this.#source.folder);
    this.#notes = [...archive.notes];
    const excludes = [...this.#source.purged, ...(input.excludes ?? [])];
    this.#parent = input.parent === 'full' ? undefined : chooseParent(snapshot, this.#source);
    const { point: below } = this.#parent ?? {};
    this.#identity = identityOf(snapshot, excludes);
    this.#request = {
      volume: snapshot.volume,
      snapshot,
      parent: this.#parent?.snapshot,
      protocol: input.protocol ?? 1,
      compressedData: input.compressedData ?? false,
      excludes,
      ...(below && { excludesOf: () => below.excludes }),
      ...(input.name !== undefined && { name: bytesFromText(input.name) }),
    };
  }

  async run(): Promise<ExportSummary> {
    // A point from which something was purged goes by the identity of the whole snapshot.
    const identities = [this.#identity, identityOf(this.#snapshot, [])];
    const isPurged = this.#source.purged.length > 0;
    const known = this.#source.points.find((point) =>
      identities.some((one, i) => (i === 0 || isPurged) && isSame(point, one)),
    );
    if (known !== undefined) return this.#summary(known, { isNew: false });
    this.#lookAtClock();
    const fingerprint = `${streamFingerprint(this.#request)} ${this.#input.name ?? ''}`;
    const { base, leftover } = this.#begin(fingerprint);
    const { name } = this.#request;
    const text = textFromBytes(name ?? lastName(this.#snapshot.info.path));
    noteBegun(this.#inside, { base, fingerprint, name: text, beganAtMs: this.#input.nowMs });
    const writer = await PointWriter.open({
      inside: this.#inside,
      base,
      recipients: this.#archive.manifest.encryption?.recipients ?? [],
      level: this.#input.level ?? DEFAULT_LEVEL,
      partBytes: this.#input.partBytes ?? partLimit(this.#archive.folder),
      ...(leftover && { kept: leftover.kept }),
    });
    try {
      return this.#write(writer, base, text, leftover);
    } catch (error) {
      writer.abort();
      if (error instanceof DendroError && error.kind === 'Cancelled') {
        removeUnfinished(this.#archive.folder, this.#inside, base);
      }
      throw error;
    } finally {
      leftover?.close();
    }
  }

  #write(
    writer: PointWriter,
    base: string,
    name: string,
    leftover: Leftover | undefined,
  ): ExportSummary {
    const { cancel } = this.#context;
    const resumed = leftover === undefined ? 0 : this.#takeOver(writer, leftover);
    const skipped =
      resumed === 0 ? 0 : leftover!.kept.frames.reduce((sum, [, plain]) => sum + plain, 0);
    const encoder = new StreamEncoder((bytes) => writer.write(bytes), {
      protocol: this.#request.protocol ?? 1,
      header: resumed === 0,
    });
    const sink = new IndexingSink(
      writer.index,
      (data) => skipped + encoder.length - data.length,
      encoder,
    );
    let looks = 0;
    const hooks = {
      cancel,
      onProgress: ({ commands, dataBytes }: { commands: number; dataBytes: number }): void => {
        if ((looks++ & LOOK_MASK) === 0) this.#report(skipped + dataBytes, commands, name);
      },
    };
    const begun = resumed === 0 ? sink : resuming(sink, encoder);
    const sent = send({ ...this.#request, resumeFrom: resumed }, begun, hooks);
    encoder.flush();
    this.#report(skipped + sent.dataBytes, sent.commands, name);
    hashDue(writer.index, this.#snapshot, cancel);
    const point = this.#record(writer, name, sent.commands);
    this.#source.points.push(point);
    saveArchive(this.#archive.folder, this.#archive.manifest, [point]);
    noteEnded(this.#inside, base);
    return this.#summary(point, {
      unverifiedBytes: sent.unverifiedBytes,
      nestedSubvolumes: sent.omissions.nestedSubvolumes,
      resumedCommands: resumed,
    });
  }

  /** What is there of the same stream, or nothing and a free name. */
  #begin(fingerprint: string): { base: string; leftover?: Leftover } {
    for (const { base, fingerprint: begun } of unfinishedIn(this.#inside)) {
      const isOurs = begun === fingerprint && this.#archive.manifest.encryption === null;
      const leftover = isOurs ? findLeftover(this.#inside, base, this.#context.cancel) : undefined;
      if (leftover !== undefined) return { base, leftover };
      removeUnfinished(this.#archive.folder, this.#inside, base);
    }
    const { name } = this.#request;
    return { base: freeBase(this.#inside, name ?? this.#snapshot.info.path) };
  }

  /** The index and the hash of what is there already. Returns the command to go on at. */
  #takeOver(writer: PointWriter, leftover: Leftover): number {
    let base = 0;
    const sink = new IndexingSink(writer.index, (data) => base + data.byteOffset);
    const frames = leftover.frames();
    let frame: Buffer | undefined;
    let used = 0;
    const source = {
      read: (target: Uint8Array, offset: number, length: number): number => {
        if (frame === undefined || used === frame.length) {
          frame = frames.next().value as Buffer | undefined;
          used = 0;
          if (frame === undefined) return 0;
          writer.known(frame);
        }
        const part = frame.subarray(used, used + length);
        target.set(part, offset);
        used += part.length;
        return part.length;
      },
    };
    decodeStream(source, withoutEnd(sink), {
      cancel: this.#context.cancel,
      endOptional: true,
      onCommand: (bytes, offset) => (base = offset - bytes.byteOffset),
    });
    return sink.commands;
  }

  #record(writer: PointWriter, name: string, commands: number): PointRecord {
    const { info } = this.#snapshot;
    const identity = this.#identity;
    const below = this.#parent?.point;
    const { dataBytes } = writer.index;
    const written = writer.finish(identity);
    return {
      format: POINT_FORMAT,
      version: FORMAT_VERSION,
      name,
      ...identity,
      parent: below === undefined ? null : { uuid: below.uuid, ctransid: below.ctransid },
      cloneSources: [],
      takenAtMs: timeMs(info.otime),
      exportedAtMs: this.#input.nowMs,
      isSynthetic: false,
      recipients: [...(this.#archive.manifest.encryption?.recipients ?? [])],
      excludes: [...(this.#request.excludes ?? [])],
      protocol: this.#request.protocol ?? 1,
      commands,
      plain: written.plain,
      names: null,
      dataBytes,
      parts: written.parts,
      index: written.index,
    };
  }

  #summary(point: PointRecord, more: Partial<ExportSummary>): ExportSummary {
    const { folder, points } = this.#source;
    const parent = point.parent && points.find((one) => isSame(one, point.parent!));
    return {
      source: folder,
      name: point.name,
      uuid: point.uuid,
      parent: parent?.name ?? null,
      isNew: true,
      files: point.parts.map(({ file }) => `${folder}/${file}`),
      fileBytes: point.parts.reduce((sum, { bytes }) => sum + bytes, 0),
      streamBytes: point.plain.bytes,
      dataBytes: point.dataBytes,
      commands: point.commands,
      unverifiedBytes: 0,
      nestedSubvolumes: 0,
      resumedCommands: 0,
      notes: this.#notes,
      ...more,
    };
  }

  /** Nothing here is decided by a clock; but a person should know that theirs is wrong. */
  #lookAtClock(): void {
    const newest = Math.max(...this.#source.points.map(({ exportedAtMs }) => exportedAtMs));
    if (newest - this.#input.nowMs < DAY_MS) return;
    const date = new Date(newest).toISOString().slice(0, 10);
    this.#notes.push(
      `The clock of this computer is behind: the archive was written to on ${date}.`,
    );
  }

  #report(bytes: number, commands: number, current: string): void {
    this.#context.progress({
      step: 'export',
      bytes,
      totalBytes: null,
      files: commands,
      totalFiles: null,
      current,
    });
  }
}

/** The first command was written by the run before. */
function resuming(sink: IndexingSink, encoder: StreamEncoder): IndexingSink {
  encoder.subvol = () => {};
  encoder.snapshot = () => {};
  sink.resume = () => {};
  return sink;
}

/** What was cut off in the middle is not finished. */
function withoutEnd(sink: IndexingSink): IndexingSink {
  sink.end = () => {};
  return sink;
}

function sourceOf(
  archive: WritableArchive,
  { info, volume }: Subvolume,
  title?: string,
): SourceRecord {
  const isSnapshot = info.parentUuid.some((byte) => byte !== 0);
  const uuid = hex(isSnapshot ? info.parentUuid : info.uuid);
  const known = archive.manifest.sources.find(
    (one) => one.uuid === null && isOfLine(one, volume, info),
  );
  if (known !== undefined) known.uuid = uuid;
  if (title !== undefined) return sourceFor(archive, uuid, bytesFromText(title));
  const from = isSnapshot ? pathOf(volume, info.parentUuid) : info.path;
  return sourceFor(archive, uuid, from ?? lastName(info.path));
}

/** A source that lost its uuid with the manifest: it holds a snapshot of the same subvolume. */
function isOfLine(
  { points }: SourceRecord,
  volume: Subvolume['volume'],
  info: SubvolumeInfo,
): boolean {
  return listSubvolumes(volume).some(
    (other) =>
      Buffer.compare(other.parentUuid, info.parentUuid) === 0 &&
      points.some(
        (point) =>
          point.ctransid === other.ctransid &&
          isSame(point, identityOf(openSubvolume(volume, other.id), point.excludes)),
      ),
  );
}

/** Where the subvolume is that the snapshot was taken from; undefined when it is gone. */
function pathOf(volume: Subvolume['volume'], uuid: Uint8Array): Uint8Array | undefined {
  const found = listSubvolumes(volume).find((one) => Buffer.compare(one.uuid, uuid) === 0);
  return found?.path;
}

function lastName(path: Uint8Array): Uint8Array {
  return path.subarray(path.lastIndexOf(0x2f) + 1);
}
