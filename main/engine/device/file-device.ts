import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import type { DendroError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { denied, ioError, usage } from '../../../shared/errors.ts';
import { AsyncReads } from '../../linux/async-reads.ts';
import { allocateAligned, isAligned } from './aligned.ts';
import { numbersOf } from './device-identity.ts';
import type { Device } from './device.ts';

/** Multiples of it suit O_DIRECT on any disk sold, 4Kn included. */
const BLOCK = 4096;
const BOUNCE_BYTES = 1024 * 1024;
let bounce: Uint8Array | undefined;
/** One for the thread, opened when it is worth it; null: not to be had. */
let asyncReads: AsyncReads | null | undefined;
/**
 * Reads that could go on beside others are waited for one by one until this much time has gone by:
 * the kernel takes twice as long to take asynchronous reading down again when the process ends.
 */
const PATIENCE_MS = 15;
let waitedMs = 0;

/**
 * Opens a block device or an image file for reading, past the page cache (O_DIRECT): the
 * page cache of a device is not kept coherent with the filesystem mounted from it. Only
 * an image on a filesystem without O_DIRECT falls back to plain reads.
 * @throws Denied, Io, Usage.
 */
export function openDevice(path: string): Device {
  const fd = openDirect(path);
  try {
    return new FileDevice(path, fd, sizeOf(path, fd));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

class FileDevice implements Device {
  readonly name: string;
  readonly sizeBytes: number;
  #fd: number;

  constructor(name: string, fd: number, sizeBytes: number) {
    this.name = name;
    this.sizeBytes = sizeBytes;
    this.#fd = fd;
  }

  read(position: number, length: number, target: Uint8Array, targetOffset: number): void {
    if (!(position >= 0 && length >= 0 && position + length <= this.sizeBytes)) {
      throw tooShort(this.name, position, length);
    }
    if (position % BLOCK === 0 && length % BLOCK === 0 && isAligned(target, targetOffset)) {
      this.#fill(position, length, target, targetOffset, length);
    } else {
      this.#readThroughBounce(position, length, target, targetOffset);
    }
  }

  startRead(
    position: number,
    length: number,
    target: Uint8Array,
    targetOffset: number,
  ): (() => void) | undefined {
    const fits = position >= 0 && position + length <= this.sizeBytes;
    const isWhole = position % BLOCK === 0 && length % BLOCK === 0;
    if (!fits || !isWhole || !isAligned(target, targetOffset)) return undefined;
    if (asyncReads === undefined && waitedMs < PATIENCE_MS) {
      return () => {
        const begun = performance.now();
        this.read(position, length, target, targetOffset);
        waitedMs += performance.now() - begun;
      };
    }
    if (asyncReads === undefined) asyncReads = AsyncReads.open() ?? null;
    const reads = asyncReads;
    const slot = reads?.start(this.#fd, target, targetOffset, length, position) ?? -1;
    if (slot < 0) return undefined;
    return () => {
      // whatever went wrong, the synchronous read says it in full
      if (reads!.wait(slot) !== length) this.read(position, length, target, targetOffset);
    };
  }

  close(): void {
    if (this.#fd < 0) return;
    asyncReads?.submit();
    closeSync(this.#fd);
    this.#fd = -1;
  }

  #readThroughBounce(position: number, length: number, target: Uint8Array, at: number): void {
    bounce ??= allocateAligned(BOUNCE_BYTES);
    for (let done = 0; done < length;) {
      const start = Math.floor((position + done) / BLOCK) * BLOCK;
      const skip = position + done - start;
      const count = Math.min(length - done, BOUNCE_BYTES - skip);
      const aligned = Math.ceil((skip + count) / BLOCK) * BLOCK;
      this.#fill(start, aligned, bounce, 0, skip + count);
      target.set(bounce.subarray(skip, skip + count), at + done);
      done += count;
    }
  }

  /** Reads `length` bytes; at the end of an odd-sized image, `needed` are enough. */
  #fill(position: number, length: number, target: Uint8Array, at: number, needed: number): void {
    for (let done = 0; done < needed;) {
      const count = this.#readSome(position + done, length - done, target, at + done);
      if (count === 0) throw tooShort(this.name, position + done, needed - done);
      done += count;
    }
  }

  #readSome(position: number, length: number, target: Uint8Array, at: number): number {
    try {
      return readSync(this.#fd, target, at, length, position);
    } catch (cause) {
      throw ioError(
        'device-read-failed',
        say`Reading ${{ device: this.name }} at byte ${{ position }} failed: ${{ reason: reason(cause) }}.`,
        {
          hint: 'Check the cable and the disk (dmesg, smartctl).',
          place: { device: this.name, physical: position },
          cause,
        },
      );
    }
  }
}

function openDirect(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_DIRECT);
  } catch (cause) {
    if (errorCode(cause) !== 'EINVAL') throw openError(path, cause);
  }
  const fd = openPlain(path);
  if (!fstatSync(fd).isBlockDevice()) return fd;
  closeSync(fd);
  throw ioError('device-without-direct', say`${{ path }} cannot be read past the page cache.`, {
    place: { device: path },
  });
}

function openPlain(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY);
  } catch (cause) {
    throw openError(path, cause);
  }
}

/** Size in bytes; a block device's from sysfs, in its units of 512. */
function sizeOf(path: string, fd: number): number {
  const stat = fstatSync(fd);
  if (stat.isFile()) return stat.size;
  if (!stat.isBlockDevice()) {
    throw usage('not-a-device', say`${{ path }} is neither a block device nor an image file.`, {
      hint: 'Name the device that it is on; list them with: lsblk -f',
      place: { path },
    });
  }
  const { major, minor } = numbersOf(stat.rdev);
  return 512 * Number(readFileSync(`/sys/dev/block/${major}:${minor}/size`, 'latin1'));
}

function openError(path: string, cause: unknown): DendroError {
  const code = errorCode(cause);
  const details = { place: { device: path }, cause };
  if (code === 'EACCES' || code === 'EPERM') {
    return denied('device-denied', say`Reading ${{ path }} is not permitted.`, {
      ...details,
      hint: 'Run as root, or give this user read access to the device.',
    });
  }
  if (code === 'ENOENT' || code === 'ENXIO' || code === 'ENOMEDIUM') {
    return ioError('device-not-found', say`${{ path }} is not there.`, {
      ...details,
      hint: 'Plug the drive in, or check the name with lsblk.',
    });
  }
  return ioError(
    'device-open-failed',
    say`Opening ${{ path }} failed: ${{ reason: reason(cause) }}.`,
    details,
  );
}

function tooShort(name: string, position: number, length: number): DendroError {
  return ioError(
    'device-too-short',
    say`${{ device: name }} ends before byte ${{ end: position + length }}, which the filesystem points to.`,
    {
      hint: 'The image or partition is cut short, or the metadata is damaged.',
      place: { device: name, physical: position },
    },
  );
}

function errorCode(cause: unknown): string {
  return (cause as NodeJS.ErrnoException).code ?? '';
}

function reason(cause: unknown): string {
  return errorCode(cause) || String(cause);
}
