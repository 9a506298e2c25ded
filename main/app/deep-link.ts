/** Of `dendro://PLACE` and `dendro://PLACE/ID`. Links lead somewhere; they never do anything. */
const PLACES = [
  'home',
  'restore',
  'plans',
  'drives',
  'activity',
  'streams',
  'rescue',
  'settings',
] as const;
const LINK = new RegExp(`^dendro://(${PLACES.join('|')})/?([\\w-]{1,64})?/?$`);

/** The place in the page, as its hash has it: '/restore'. Undefined for anything else. */
export function placeOfLink(link: string): string | undefined {
  const [, place, id] = LINK.exec(link) ?? [];
  if (place === undefined) return undefined;
  const top = place === 'home' ? '/' : `/${place}`;
  return id === undefined ? top : `${top === '/' ? '' : top}/${id}`;
}

/** Of a command line: a link, or a stream file that was opened from a file manager. */
export function placeOfArguments(args: readonly string[]): string | undefined {
  for (const arg of args) {
    const place = placeOfLink(arg) ?? placeOfFile(arg);
    if (place !== undefined) return place;
  }
  return undefined;
}

/** `%U` gives file: addresses. The page asks the service for the file, which opens it to read. */
function placeOfFile(arg: string): string | undefined {
  if (!arg.startsWith('file:///')) return undefined;
  try {
    const path = decodeURIComponent(new URL(arg).pathname);
    return path.includes('\0') ? undefined : `/streams/file/${encodeURIComponent(path)}`;
  } catch {
    return undefined;
  }
}
