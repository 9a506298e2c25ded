/** As a walk meets them: the slash sorts before every byte that a name can have. */
export function comparePaths(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    if (a[i] === b[i]) continue;
    const [left, right] = [a[i] === 0x2f ? 0 : a[i]!, b[i] === 0x2f ? 0 : b[i]!];
    return left - right;
  }
  return a.length - b.length;
}
