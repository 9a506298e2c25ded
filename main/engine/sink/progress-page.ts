import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { libc, memoryAt } from '../../linux/libc.ts';
import { makeRunFolder, RUN_FOLDER } from '../../linux/run-folder.ts';
import { type Progress } from './command-count.ts';

/** Two turns of 16 bytes at 64: commands f64, hash u32, check u32; before them who wrote it. */
const PAGE_BYTES = 4096;
const FIRST_TURN = 64;
const TURN_BYTES = 16;
const TIMES_AT = 128;
const TIMES_BYTES = 32;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;

/**
 * The count of applied commands, written after each of them into a page that is shared with a
 * file in memory (/run): a killed process leaves it exact, at a few nanoseconds a command. It says
 * nothing after a crash of the system; then the last checkpoint counts, and /run is empty.
 */
export class ProgressPage {
  readonly #file: string;
  readonly #address: bigint;
  readonly #view: DataView;
  readonly #bytes: Uint8Array;

  private constructor(file: string, address: bigint) {
    this.#file = file;
    this.#address = address;
    this.#bytes = memoryAt(address, PAGE_BYTES);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Undefined where there is no /run to write to: then only checkpoints count. */
  static create(key: string, mount: bigint): ProgressPage | undefined {
    try {
      const file = fileOf(key);
      makeRunFolder(dirname(file));
      rmSync(file, { force: true });
      writeFileSync(file, Buffer.alloc(PAGE_BYTES), { mode: 0o600, flag: 'wx' });
      const page = ProgressPage.#map(file);
      if (page !== undefined) page.#view.setBigUint64(0, mount, true);
      return page;
    } catch {
      return undefined;
    }
  }

  /** The page of the run that is gone on with: what it says stays until the next command. */
  static open(key: string): ProgressPage | undefined {
    try {
      return ProgressPage.#map(fileOf(key));
    } catch {
      return undefined;
    }
  }

  /** What the last run left, if it wrote to the same mount as `mount`. */
  static read(key: string, mount: bigint): { progress: Progress; topTimes: Buffer } | undefined {
    try {
      const bytes = readFileSync(fileOf(key));
      if (bytes.length !== PAGE_BYTES || bytes.readBigUInt64LE(0) !== mount) return undefined;
      const turns = [0, 1]
        .map((turn) => readTurn(bytes, turn))
        .filter((turn) => turn !== undefined);
      const best = turns.reduce((a, b) => (b.commands > a.commands ? b : a));
      return { progress: best, topTimes: bytes.subarray(TIMES_AT, TIMES_AT + TIMES_BYTES) };
    } catch {
      return undefined;
    }
  }

  static #map(file: string): ProgressPage | undefined {
    const fd = openSync(file, 'r+');
    try {
      const address = libc().mmap(null, PAGE_BYTES, PROT_READ_WRITE, MAP_SHARED, fd, 0);
      return BigInt.asIntN(64, address) === -1n ? undefined : new ProgressPage(file, address);
    } finally {
      closeSync(fd);
    }
  }

  /** Written in turns, so that a kill between two stores leaves the other turn whole. */
  set(commands: number, hash: number): void {
    const at = FIRST_TURN + (commands & 1) * TURN_BYTES;
    this.#view.setUint32(at + 12, 0, true);
    this.#view.setFloat64(at, commands, true);
    this.#view.setUint32(at + 8, hash, true);
    this.#view.setUint32(at + 12, checkOf(commands, hash), true);
  }

  setTopTimes(times: Uint8Array): void {
    this.#bytes.set(times, TIMES_AT);
  }

  close(): void {
    libc().munmap(this.#address, PAGE_BYTES);
  }

  remove(): void {
    this.close();
    rmSync(this.#file, { force: true });
  }
}

export function forgetProgress(key: string): void {
  try {
    rmSync(fileOf(key), { force: true });
  } catch {
    // Somebody else's folder: there is nothing of ours in it.
  }
}

/** Everybody but root has a folder of their own in memory, where the system gives them one. */
function fileOf(key: string): string {
  const own = process.geteuid?.() === 0 ? undefined : process.env['XDG_RUNTIME_DIR'];
  return `${own === undefined ? RUN_FOLDER : `${own}/dendro`}/receive-${key}`;
}

function readTurn(bytes: Buffer, turn: number): Progress | undefined {
  const at = FIRST_TURN + turn * TURN_BYTES;
  const commands = bytes.readDoubleLE(at);
  const hash = bytes.readUInt32LE(at + 8);
  return bytes.readUInt32LE(at + 12) === checkOf(commands, hash) ? { commands, hash } : undefined;
}

/** Never 0 for what was really written. */
function checkOf(commands: number, hash: number): number {
  return (Math.imul(commands + 1, 0x85ebca6b) ^ hash ^ 0x5bd1e995) >>> 0 || 1;
}
