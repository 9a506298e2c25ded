import type { Bytes } from '../stream/command-sink.ts';

let scratch = Buffer.alloc(1024);

/** Hexadecimal digits of bytes, or of a character a byte, without a buffer for each. */
export function hexOf(bytes: Bytes | string): string {
  const { length } = bytes;
  if (length > scratch.length) scratch = Buffer.alloc(2 * length);
  if (typeof bytes === 'string') scratch.write(bytes, 'latin1');
  else scratch.set(bytes);
  return scratch.toString('hex', 0, length);
}
