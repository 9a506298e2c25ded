import { expect, test } from 'vitest';
import { CommandFeed } from '../../main/engine/stream/command-feed.ts';
import type { CommandSink } from '../../main/engine/stream/command-sink.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { decodeStream } from '../../main/engine/stream/decode.ts';
import { Random } from '../harness/random.ts';
import { everyCommand } from './every-command.ts';

test.each([1, 2] as const)('version %i, cut anywhere: what the decoder tells', (protocol) => {
  const stream = Buffer.from(everyCommand(protocol));
  const whole = new Recorder();
  decodeStream(bytesSource(stream), whole.sink);
  const random = new Random(protocol);
  for (const longest of [1, 7, 300, stream.length]) {
    const pieces = new Recorder();
    const feed = new CommandFeed(pieces.sink);
    pieces.placeOf = (data) => feed.base + data.byteOffset;
    for (let at = 0; at < stream.length;) {
      const piece = Buffer.from(stream.subarray(at, at + random.between(1, longest)));
      feed.push(piece);
      // Nothing of it is kept.
      piece.fill(0xee);
      at += piece.length;
    }
    expect(feed.isBetween).toBe(true);
    expect(pieces.calls).toEqual(whole.calls);
    for (const [place, data] of pieces.places) {
      expect(stream.subarray(place, place + data.length).equals(data)).toBe(true);
    }
  }
});

/** Copies what a sink is told. */
class Recorder {
  readonly calls: string[] = [];
  readonly places: [place: number, data: Buffer][] = [];
  placeOf: ((data: Uint8Array) => number) | undefined;
  readonly sink = new Proxy({} as CommandSink, {
    get: (_, name) => (name === 'resume' ? undefined : this.#record(String(name))),
  });

  #record(name: string) {
    return (...values: unknown[]): void => {
      this.calls.push(`${name} ${JSON.stringify(values)}`);
      const data = name === 'write' ? (values[2] as Uint8Array) : undefined;
      if (data && this.placeOf) this.places.push([this.placeOf(data), Buffer.from(data)]);
    };
  }
}
