import type { Bytes } from '../../engine/stream/command-sink.ts';
import { CountingSink } from '../../engine/stream/counting.ts';
import { corrupt } from '../../../shared/errors.ts';
import { hex, type StreamFacts } from '../index/indexing-sink.ts';

/** Tells of each subvolume that begins; all other commands are only counted. */
export class FactsSink extends CountingSink {
  readonly #onBegin: (facts: StreamFacts) => void;

  constructor(onBegin: (facts: StreamFacts) => void) {
    super(1);
    this.#onBegin = onBegin;
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
    this.#onBegin({ name: Buffer.from(name), identity, parent });
  }
}
