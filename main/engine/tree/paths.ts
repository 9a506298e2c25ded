const SLASH = 0x2f;
const DOT = 0x2e;

export function joinPath(above: Uint8Array, name: Uint8Array): Uint8Array {
  if (above.length === 0) return name;
  if (name.length === 0) return above;
  const path = new Uint8Array(above.length + 1 + name.length);
  path.set(above);
  path[above.length] = SLASH;
  path.set(name, above.length + 1);
  return path;
}

/** A path of many names, without putting each piece of it together first. */
export function joinAll(names: readonly Uint8Array[]): Uint8Array {
  const length = names.reduce((sum, name) => sum + name.length + 1, -1);
  const path = new Uint8Array(Math.max(0, length));
  let at = 0;
  for (const name of names) {
    if (at > 0) path[at++] = SLASH;
    path.set(name, at);
    at += name.length;
  }
  return path;
}

/** A name with a slash or a NUL, `.` or `..` cannot have been made by a kernel. */
export function isNameAt(bytes: Uint8Array, start: number, end: number): boolean {
  let dots = 0;
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    if (byte === SLASH || byte === 0) return false;
    if (byte === DOT) dots += 1;
  }
  return end - start > 2 || dots < end - start;
}

export function trimSlashes(path: Uint8Array): Uint8Array {
  let start = 0;
  let end = path.length;
  while (start < end && path[start] === SLASH) start += 1;
  while (end > start && path[end - 1] === SLASH) end -= 1;
  return path.subarray(start, end);
}

/** Bytes as text, with what is not UTF-8 replaced: for messages only. */
export function forPeople(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
