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
  /** Devices that were given to something else, open until the end: reads may be under way. */
  readonly #left: Device[] = [];

  /** Whether none was missing when the volume was opened: one that is then was added since. */
  wereAll = false;
  /** Counts the devices that have left, that came, and that took another's place. */
  changes = 0;

  add(member: Member): void {
    this.#byUuid.set(hex(member.superblock.device.uuid), member);
  }

  /** One that was found after the volume was opened. */
  join(member: Member): void {
    this.add(member);
    this.changes++;
  }

  get all(): readonly Member[] {
    return [...this.#byUuid.values()];
  }

  find(uuid: Uint8Array): Member | undefined {
    return this.#byUuid.get(hex(uuid));
  }

  /**
   * What its device says now: with `btrfs replace` one takes over the UUID of another, which may
   * say the same until it is wiped.
   */
  update(member: Member, superblock: Superblock): void {
    const before = hex(member.superblock.device.uuid);
    const now = hex(superblock.device.uuid);
    member.superblock = superblock;
    if (before === now || this.#byUuid.get(before) !== member) return;
    this.#byUuid.delete(before);
    const twin = this.#byUuid.get(now);
    if (twin !== undefined) this.leave(twin);
    this.#byUuid.set(now, member);
    this.changes++;
  }

  /** Its device is not the filesystem's any more: replaced, removed, or wiped. */
  leave(member: Member): void {
    const uuid = hex(member.superblock.device.uuid);
    if (this.#byUuid.get(uuid) !== member) return; // another has taken its place already
    this.#byUuid.delete(uuid);
    this.#left.push(member.device);
    this.changes++;
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
    for (const device of this.#left.splice(0)) device.close();
    this.#byUuid.clear();
  }
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
