import type { Device } from '../device/index.ts';
import type { Stripe } from './chunk-map.ts';
import type { Superblock } from './superblock.ts';

/** A device of the volume that is here. */
export interface Member {
  readonly device: Device;
  superblock: Superblock;
  /**
   * Its superblock is older than the newest of the same filesystem: it was away while the
   * others were written to. What it holds may be old, so it is read last.
   */
  stale: boolean;
}

/** The devices that are here, by the UUID that chunks name them with. */
export class Members {
  readonly #byUuid = new Map<string, Member>();

  add(member: Member): void {
    this.#byUuid.set(hex(member.superblock.device.uuid), member);
  }

  get all(): readonly Member[] {
    return [...this.#byUuid.values()];
  }

  find(uuid: Uint8Array): Member | undefined {
    return this.#byUuid.get(hex(uuid));
  }

  ofStripe(stripe: Stripe): Member | undefined {
    return this.find(stripe.deviceUuid);
  }

  /** Marks those that lag behind `newest`; a seed is older and whole, so it is left alone. */
  markStale(newest: Superblock): void {
    for (const member of this.#byUuid.values()) {
      const { superblock } = member;
      member.stale =
        Buffer.compare(superblock.fsid, newest.fsid) === 0 &&
        superblock.generation < newest.generation;
    }
  }

  close(): void {
    for (const { device } of this.#byUuid.values()) device.close();
    this.#byUuid.clear();
  }
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
