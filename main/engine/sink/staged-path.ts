const STAGED = /(?:^|\/)\.dendro-(?:receive(?:\/|$)|[0-9a-f]{16}$)/;

/**
 * Whether what stands at this path of a volume is still being received: it lies in the private
 * folder, or has the name under which it is sealed, beside its place.
 */
export function isStagedPath(path: string): boolean {
  return STAGED.test(path);
}
