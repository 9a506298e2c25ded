import type { Bytes } from '../stream/command-sink.ts';

/** Paths in a stream are bytes; as text they have a character a byte. */

const SLASH = '/';

export function joinNames(parts: readonly Bytes[]): Buffer {
  const slash = Buffer.from(SLASH);
  return Buffer.concat(parts.flatMap((part, i) => (i === 0 ? [part] : [slash, part])));
}

export function latin1(bytes: Bytes): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}

/** The path of a name in a folder; that of the top is empty. */
export function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}${SLASH}${name}`;
}

export function namesOf(path: Bytes): string[] {
  return path.length === 0 ? [] : latin1(path).split(SLASH);
}

export function split(path: Bytes): [parent: Bytes, name: string] {
  const slash = path.lastIndexOf(0x2f);
  return [path.subarray(0, Math.max(0, slash)), latin1(path.subarray(slash + 1))];
}
