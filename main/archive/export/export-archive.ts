import { join } from 'node:path';
import { DendroError } from '../../../shared/errors.ts';
import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { VerbContext } from '../../engine/context.ts';
import { volumeFor } from '../../engine/open-volumes.ts';
import { send, type SendRequest } from '../../engine/send.ts';
import { streamFingerprint } from '../../engine/send-identity.ts';
import { StreamEncoder } from '../../engine/stream/encode.ts';
import { openSubvolume, type Subvolume } from '../../engine/tree/index.ts';
import { timeMs } from '../../engine/verbs/entries.ts';
import {
  type Identity,
  POINT_FORMAT,
  FORMAT_VERSION,
  type PointRecord,
  type SourceRecord,
} from '../format/manifest.ts';
import { allFilesOf, isSame, removeFiles, saveArchive } from '../folder/archive.ts';
import { wholePoints } from '../folder/whole-points.ts';
import { FRAME_BYTES } from '../write/frame-ring.ts';
import { partLimit } from '../write/part-limit.ts';
import { PointWriter } from '../write/point-writer.ts';
import { findLeftover, type Leftover } from '../write/resume.ts';
import { noteBegun, noteEnded, removeUnfinished, unfinishedIn } from '../write/unfinished.ts';
import { computerOf } from './computer-of.ts';
import { chooseParent, identityOf, type ChosenParent } from './choose-parent.ts';
import { hashDue } from './hash-due.ts';
import {
  EXPORT_PROTOCOL,
  exportSummary,
  type ExportInput,
  type ExportSummary,
} from './export-summary.ts';
import { freeBase, openToWrite, type WritableArchive } from './prepare.ts';
import { pointName } from './point-name.ts';
import { lastName, sourceOf } from './source-of.ts';
import { resuming, takeOver } from './take-over.ts';
import { noted, say, type Note } from '../../../shared/said.ts';

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
  readonly #notes: Note[];
  readonly #request: SendRequest & { readonly name: Uint8Array };
  readonly #protocol: 1 | 2;
  readonly #parent: ChosenParent | undefined;
  readonly #identity: Identity;
  readonly #whole: ReadonlySet<PointRecord>;
  /** What the archive has of the snapshot and is not whole, where that is so. */
  readonly #replaced: PointRecord | undefined;

  constructor(
    input: ExportInput,
    context: VerbContext,
    archive: WritableArchive,
    snapshot: Subvolume,
  ) {
    this.#input = input;
    this.#protocol = input.protocol ?? EXPORT_PROTOCOL;
    this.#context = context;
    this.#archive = archive;
    this.#snapshot = snapshot;
    this.#source = sourceOf(archive, snapshot, input.title);
    this.#inside = join(archive.folder, this.#source.folder);
    this.#notes = [...archive.notes];
    const excludes = [...this.#source.purged, ...(input.excludes ?? [])];
    this.#whole = wholePoints(archive.folder, archive.manifest);
    this.#parent = input.parent === 'full' ? undefined : this.#chosenParent();
    const { point: below } = this.#parent ?? {};
    this.#identity = identityOf(snapshot, excludes);
    this.#replaced = this.#source.points.find((point) => isSame(point, this.#identity));
    this.#request = {
      volume: snapshot.volume,
      snapshot,
      parent: this.#parent?.snapshot,
      protocol: this.#protocol,
      compressedData: input.compressedData ?? false,
      excludes,
      ...(below && { excludesOf: () => below.excludes }),
      name:
        input.name === undefined ? this.#ownName(snapshot.info.path) : bytesFromText(input.name),
    };
  }

  async run(): Promise<ExportSummary> {
    // A point from which something was purged goes by the identity of the whole snapshot.
    const identities = [this.#identity, identityOf(this.#snapshot, [])];
    const isPurged = this.#source.purged.length > 0;
    const known = this.#source.points.find((point) =>
      identities.some((one, i) => (i === 0 || isPurged) && isSame(point, one)),
    );
    if (known !== undefined && this.#whole.has(known)) {
      return exportSummary(this.#source, known, { isNew: false, notes: this.#notes });
    }
    this.#lookAtClock();
    this.#lookAtParent();
    const { name } = this.#request;
    const text = textFromBytes(name);
    const isOwn = text === textFromBytes(lastName(this.#snapshot.info.path));
    const fingerprint = `${streamFingerprint(this.#request)} ${isOwn ? '' : text}`;
    const { base, leftover } = this.#begin(fingerprint);
    const replaces = this.#replaced === undefined ? [] : allFilesOf(this.#replaced);
    noteBegun(this.#inside, {
      ...{ base, fingerprint, name: text },
      ...{ beganAtMs: this.#input.nowMs, replaces },
    });
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

  #ownName(path: Uint8Array): Uint8Array {
    return this.#replaced === undefined
      ? pointName(path, this.#source)
      : bytesFromText(this.#replaced.name);
  }

  #chosenParent(): ChosenParent | undefined {
    const { parent, broken } = chooseParent(this.#snapshot, this.#source, this.#whole);
    this.#notes.push(...broken.map(({ name }) => notWhole(name)));
    return parent;
  }

  #write(
    writer: PointWriter,
    base: string,
    name: string,
    leftover: Leftover | undefined,
  ): ExportSummary {
    const { cancel } = this.#context;
    const resumed = leftover === undefined ? 0 : takeOver(writer, leftover, cancel);
    const skipped =
      resumed === 0 ? 0 : leftover!.kept.frames.reduce((sum, [, plain]) => sum + plain, 0);
    const encoder = new StreamEncoder((bytes) => writer.write(bytes), {
      protocol: this.#protocol,
      header: resumed === 0,
      bufferBytes: FRAME_BYTES,
    });
    let looks = 0;
    const hooks = {
      cancel,
      onProgress: ({ files, dataBytes }: { files: number; dataBytes: number }): void => {
        if ((looks++ & LOOK_MASK) === 0) this.#report(skipped + dataBytes, files, name);
      },
    };
    const begun = resumed === 0 ? encoder : resuming(encoder);
    const sent = send({ ...this.#request, resumeFrom: resumed }, begun, hooks);
    encoder.flush();
    this.#report(skipped + sent.dataBytes, sent.files, name);
    const { due, dataBytes, plain } = writer.indexed();
    const hashes = hashDue(due, this.#snapshot, cancel, (path) =>
      this.#report(skipped + sent.dataBytes, sent.files, path),
    );
    const parts = writer.finishStream();
    const index = writer.finishIndex(this.#identity, hashes);
    const facts = { parts, plain, index, dataBytes, commands: sent.commands };
    const point = this.#record(name, facts);
    const replaced = this.#replaced;
    this.#source.points = [...this.#source.points.filter((one) => one !== replaced), point];
    saveArchive(this.#archive.folder, this.#archive.manifest, [point]);
    if (replaced !== undefined) removeFiles(this.#archive.folder, this.#source, replaced);
    noteEnded(this.#inside, base);
    return exportSummary(this.#source, point, {
      notes: this.#notes,
      changedFiles: sent.files,
      unverifiedBytes: sent.unverifiedBytes,
      nestedSubvolumes: [...sent.omissions.nestedSubvolumes],
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
    return { base: freeBase(this.#inside, this.#request.name) };
  }

  #record(
    name: string,
    facts: Pick<PointRecord, 'parts' | 'plain' | 'index' | 'dataBytes' | 'commands'>,
  ): PointRecord {
    const { info } = this.#snapshot;
    const below = this.#parent?.point;
    const { hardware } = this.#input;
    const { uuid } = identityOf(this.#snapshot, []);
    return {
      format: POINT_FORMAT,
      version: FORMAT_VERSION,
      name,
      ...this.#identity,
      ...(uuid !== this.#identity.uuid && { snapshotUuid: uuid }),
      parent: below === undefined ? null : { uuid: below.uuid, ctransid: below.ctransid },
      cloneSources: [],
      takenAtMs: timeMs(info.otime),
      exportedAtMs: this.#input.nowMs,
      isSynthetic: false,
      recipients: [...(this.#archive.manifest.encryption?.recipients ?? [])],
      excludes: [...(this.#request.excludes ?? [])],
      protocol: this.#protocol,
      names: null,
      ...(hardware !== undefined && { computer: computerOf(hardware, this.#archive.manifest) }),
      ...facts,
    };
  }

  /** Nothing here is decided by a clock; but a person should know that theirs is wrong. */
  #lookAtClock(): void {
    const newest = Math.max(...this.#source.points.map(({ exportedAtMs }) => exportedAtMs));
    if (newest - this.#input.nowMs < DAY_MS) return;
    const date = new Date(newest).toISOString().slice(0, 10);
    this.#notes.push(
      noted(
        'clock-behind',
        say`The clock of this computer is behind: the archive was written to on ${{ date }}.`,
      ),
    );
  }

  /** Once, where the version changes: what a full stream has costs more room than flags may be worth. */
  #lookAtParent(): void {
    const { point } = this.#parent ?? {};
    if (point === undefined || this.#protocol === 1 || point.protocol !== 1) return;
    this.#notes.push(
      noted(
        'parent-without-flags',
        say`It builds on "${{ name: printable(point.name) }}" of stream version 1, which holds no flags of files (chattr), no space set aside and no times of birth: what has not changed since lacks them. A backup in full has all of them (dendro archive export --full).`,
      ),
    );
  }

  #report(bytes: number, files: number, current: string): void {
    this.#context.progress({
      step: 'export',
      bytes,
      totalBytes: null,
      files,
      totalFiles: null,
      current,
    });
  }
}

function notWhole(name: string): Note {
  return noted(
    'parent-not-whole',
    say`"${{ name: printable(name) }}" is not whole in the archive, and nothing is built on it any more: dendro archive verify says what is missing.`,
  );
}
