import { createHash } from 'node:crypto';

/** No subvolume has a uuid that begins so but by chance: the kernel draws them (version 4). */
const MARK = '00000000-0000-8';

/**
 * A uuid to stand for a source of which nothing is known but that this point is of it. The same
 * point gives the same one, on every computer.
 */
export function unknownSource(pointId: string): string {
  const hash = createHash('sha1').update(`source of ${pointId}`).digest('hex');
  return `${MARK}${hash.slice(0, 3)}-8${hash.slice(3, 6)}-${hash.slice(6, 18)}`;
}

export function isUnknownSource(uuid: string): boolean {
  return uuid.startsWith(MARK);
}
