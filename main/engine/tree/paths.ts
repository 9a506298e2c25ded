export function joinPath(above: Uint8Array, name: Uint8Array): Uint8Array {
  if (above.length === 0) return name;
  if (name.length === 0) return above;
  const path = new Uint8Array(above.length + 1 + name.length);
  path.set(above);
  path[above.length] = 0x2f;
  path.set(name, above.length + 1);
  return path;
}

export function trimSlashes(path: Uint8Array): Uint8Array {
  let start = 0;
  let end = path.length;
  while (start < end && path[start] === 0x2f) start += 1;
  while (end > start && path[end - 1] === 0x2f) end -= 1;
  return path.subarray(start, end);
}

/** Bytes as text, with what is not UTF-8 replaced: for messages only. */
export function forPeople(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
