/**
 * The page's address of a moment, and of a path in it. A path that is no text keeps its bytes as
 * lone surrogates (`bytes-text.ts`), which an address cannot hold: then only the moment is in it.
 */
export function momentAddress(sourceKey: string, pointId: string, path = ''): string {
  const parts = [sourceKey, pointId, ...(path === '' || !path.isWellFormed() ? [] : [path])];
  return `/restore/${parts.map(addressPart).join('/')}`;
}

/** A part of an address. The router decodes an address once before its parts are taken apart. */
export function addressPart(text: string): string {
  return encodeURIComponent(text).replaceAll('%25', '%2525');
}
