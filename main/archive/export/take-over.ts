import type { CancelToken } from '../../engine/cancel.ts';
import { decodeStream } from '../../engine/stream/decode.ts';
import type { StreamEncoder } from '../../engine/stream/encode.ts';
import { IndexingSink } from '../index/indexing-sink.ts';
import type { PointWriter } from '../write/point-writer.ts';
import type { Leftover } from '../write/resume.ts';

/** The index and the hash of what is there already. Returns the command to go on at. */
export function takeOver(writer: PointWriter, leftover: Leftover, cancel: CancelToken): number {
  let base = 0;
  const sink = new IndexingSink(writer.index, (data) => base + data.byteOffset);
  const frames = leftover.frames();
  let frame: Buffer | undefined;
  let used = 0;
  const source = {
    read: (target: Uint8Array, offset: number, length: number): number => {
      if (frame === undefined || used === frame.length) {
        frame = frames.next().value as Buffer | undefined;
        used = 0;
        if (frame === undefined) return 0;
        writer.known(frame);
      }
      const part = frame.subarray(used, used + length);
      target.set(part, offset);
      used += part.length;
      return part.length;
    },
  };
  decodeStream(source, withoutEnd(sink), {
    cancel: cancel,
    endOptional: true,
    onCommand: (bytes, offset) => (base = offset - bytes.byteOffset),
  });
  return sink.commands;
}

/** The first command was written by the run before. */
export function resuming(sink: IndexingSink, encoder: StreamEncoder): IndexingSink {
  encoder.subvol = () => {};
  encoder.snapshot = () => {};
  sink.resume = () => {};
  return sink;
}

/** What was cut off in the middle is not finished. */
function withoutEnd(sink: IndexingSink): IndexingSink {
  sink.end = () => {};
  return sink;
}
