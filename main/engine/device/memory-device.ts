import { ioError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import type { Device } from './device.ts';

/** A device whose bytes are at hand: fixtures and mutation tests. Counts its reads. */
export class MemoryDevice implements Device {
  readonly name: string;
  readonly bytes: Uint8Array;
  reads = 0;

  constructor(bytes: Uint8Array, name = 'memory') {
    this.name = name;
    this.bytes = bytes;
  }

  get sizeBytes(): number {
    return this.bytes.length;
  }

  read(position: number, length: number, target: Uint8Array, targetOffset: number): void {
    this.reads += 1;
    if (!(position >= 0 && length >= 0 && position + length <= this.bytes.length)) {
      throw ioError(
        'device-too-short',
        say`${{ device: this.name }} ends before byte ${{ end: position + length }}.`,
        {
          place: { device: this.name, physical: position },
        },
      );
    }
    target.set(this.bytes.subarray(position, position + length), targetOffset);
  }

  close(): void {}
}
