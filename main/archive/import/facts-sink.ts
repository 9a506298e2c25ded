import type { Bytes } from '../../engine/stream/command-sink.ts';
import { CountingSink } from '../../engine/stream/counting.ts';
import { corrupt } from '../../../shared/errors.ts';
import { NewestChange } from './newest-change.ts';
import { hex, type StreamFacts } from '../index/indexing-sink.ts';

/** Tells of each subvolume that begins; of the other commands it keeps the times. */
export class FactsSink extends CountingSink {
  readonly changed: NewestChange;
  readonly #onBegin: (facts: StreamFacts) => void;

  constructor(nowMs: number, onBegin: (facts: StreamFacts) => void) {
    super(1);
    this.changed = new NewestChange(nowMs);
    this.#onBegin = onBegin;
  }

  override utimes(path: Bytes, times: Bytes, hasOtime: boolean): void {
    super.utimes(path, times, hasOtime);
    this.changed.see(times);
  }

  override subvol(path: Bytes, uuid: Bytes, ctransid = 0): void {
    super.subvol(path, uuid);
    this.#begin(path, { uuid: hex(uuid), ctransid }, null);
  }

  override snapshot(
    path: Bytes,
    uuid: Bytes,
    ctransid: number,
    parent: Bytes,
    parentTransid = 0,
  ): void {
    super.snapshot(path, uuid, ctransid, parent);
    this.#begin(
      path,
      { uuid: hex(uuid), ctransid },
      { uuid: hex(parent), ctransid: parentTransid },
    );
  }

  resume(): void {
    throw corrupt('stream-resumed', 'The file holds the second part of a stream only.', {
      hint: 'Send it again from the beginning.',
    });
  }

  #begin(name: Bytes, identity: StreamFacts['identity'], parent: StreamFacts['parent']): void {
    this.changed.clear();
    this.#onBegin({ name: Buffer.from(name), identity, parent });
  }
}
