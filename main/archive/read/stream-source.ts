import type { ByteSource } from '../../engine/stream/decode-source.ts';
import type { FrameReader } from './frames.ts';

/** A plain stream from its start to its end, as a receiver reads it. */
export function streamSource(frames: FrameReader): ByteSource {
  let index = 0;
  let used = 0;
  return {
    read(target, offset, length) {
      while (index < frames.table.count) {
        const frame = frames.frame(index);
        const part = frame.subarray(used, used + length);
        if (part.length > 0) {
          target.set(part, offset);
          used += part.length;
          return part.length;
        }
        index += 1;
        used = 0;
      }
      return 0;
    },
  };
}
