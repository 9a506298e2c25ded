import { createHash, type Hash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename } from 'node:path';
import { beginWriteback } from '../../linux/files.ts';
import { naming } from '../folder/durable.ts';
import { openToChangeFile } from '../folder/open-file.ts';
import type { FilePart } from '../format/manifest.ts';
import { AGE_NONCE_BYTES, AgeSealer, payloadKey } from '../format/age-payload.ts';

export interface OutputSpec {
  /** Path of the file to be, without `.partial` and part numbers. */
  readonly path: string;
  /** No part is larger. */
  readonly partBytes: number;
  readonly age: {
    readonly header: Uint8Array;
    readonly fileKey: Uint8Array;
    readonly nonce: Uint8Array;
  } | null;
  /** Bytes of the temporary parts that are there already, to go on behind; empty begins anew. */
  readonly keep: readonly number[];
}

export interface WrittenPart {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

interface OpenPart {
  readonly path: string;
  fd: number;
  readonly hash: Hash;
  bytes: number;
}

/** As a record tells of it. */
export function filePart({ path, bytes, sha256 }: WrittenPart): FilePart {
  return { file: basename(path), bytes, sha256 };
}

/** After so many bytes what was written is made sure to be on the drive. */
const SYNC_BYTES = 256 << 20;
/** The drive is kept busy meanwhile, so that there is little to wait for then. */
const WRITEBACK_BYTES = 16 << 20;

export function partialPath(path: string, index: number): string {
  return `${path}.partial-${String(index + 1).padStart(4, '0')}`;
}

/** One part bears the file's name, several have a number behind it, in the order of `cat NAME.*`. */
export function finalPath(path: string, index: number, count: number): string {
  return count === 1 ? path : `${path}.part-${String(index + 1).padStart(4, '0')}`;
}

/**
 * Writes a file under temporary names, in parts, encrypted when asked for, with a hash of each
 * part; `finish` puts it on the drive and gives it its name.
 */
export class PackOutput {
  readonly #spec: OutputSpec;
  readonly #sealer: AgeSealer | undefined;
  readonly #parts: OpenPart[] = [];
  #sinceSync = 0;
  #sinceWriteback = 0;

  constructor(spec: OutputSpec) {
    this.#spec = spec;
    for (const bytes of spec.keep) this.#reopen(bytes);
    if (spec.keep.length > 0) return;
    this.#open();
    if (spec.age !== null) {
      const { header, fileKey, nonce } = spec.age;
      this.#sealer = new AgeSealer(payloadKey(fileKey, nonce));
      this.#emit(header);
      this.#emit(nonce.subarray(0, AGE_NONCE_BYTES));
    }
  }

  write(bytes: Uint8Array): void {
    this.#emit(this.#sealer === undefined ? bytes : this.#sealer.push(bytes));
  }

  /** Everything is on the drive under its own name when this returns. */
  finish(): WrittenPart[] {
    if (this.#sealer !== undefined) this.#emit(this.#sealer.finish());
    const count = this.#parts.length;
    for (const { path, fd } of this.#parts) naming(path, () => fsyncSync(fd));
    this.close();
    return this.#parts.map(({ path, bytes, hash }, index) => {
      const final = finalPath(this.#spec.path, index, count);
      renameSync(path, final);
      return { path: final, bytes, sha256: hash.digest('hex') };
    });
  }

  close(): void {
    for (const part of this.#parts) {
      if (part.fd >= 0) closeSync(part.fd);
      // A second close would close somebody else's.
      part.fd = -1;
    }
  }

  discard(): void {
    for (const { path } of this.#parts) rmSync(path, { force: true });
  }

  #emit(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      let part = this.#parts.at(-1)!;
      const fits = this.#spec.partBytes - part.bytes;
      // A frame is cut in two only when no part could hold it whole.
      const isWhole = bytes.length <= this.#spec.partBytes;
      if (fits <= 0 || (isWhole && at === 0 && bytes.length > fits)) part = this.#open();
      const length = Math.min(bytes.length - at, this.#spec.partBytes - part.bytes);
      this.#append(part, bytes.subarray(at, at + length));
      at += length;
    }
  }

  #append(part: OpenPart, bytes: Uint8Array): void {
    part.hash.update(bytes);
    naming(part.path, () => {
      for (let done = 0; done < bytes.length;) {
        done += writeSync(part.fd, bytes, done, bytes.length - done, part.bytes + done);
      }
    });
    part.bytes += bytes.length;
    this.#writeBack(part, bytes.length);
    this.#sinceSync += bytes.length;
    if (this.#sinceSync < SYNC_BYTES) return;
    this.#sinceSync = 0;
    naming(part.path, () => fsyncSync(part.fd));
  }

  #writeBack({ fd, bytes }: OpenPart, written: number): void {
    this.#sinceWriteback += written;
    if (this.#sinceWriteback < WRITEBACK_BYTES) return;
    const length = Math.min(this.#sinceWriteback, bytes);
    this.#sinceWriteback = 0;
    beginWriteback(fd, bytes - length, length);
  }

  /** A part of an earlier run: read for its hash, cut behind its last whole frame. */
  #reopen(bytes: number): void {
    const path = partialPath(this.#spec.path, this.#parts.length);
    const part = { path, fd: openToChangeFile(path, 0o600), hash: createHash('sha256'), bytes };
    this.#parts.push(part);
    ftruncateSync(part.fd, bytes);
    const piece = Buffer.allocUnsafe(1 << 20);
    for (let at = 0; at < bytes;) {
      const count = readSync(part.fd, piece, 0, Math.min(piece.length, bytes - at), at);
      if (count === 0) break;
      part.hash.update(piece.subarray(0, count));
      at += count;
    }
  }

  #open(): OpenPart {
    const path = partialPath(this.#spec.path, this.#parts.length);
    rmSync(path, { force: true });
    const part = { path, fd: openSync(path, 'wx+', 0o600), hash: createHash('sha256'), bytes: 0 };
    this.#parts.push(part);
    return part;
  }
}
