import { randomUUID } from 'node:crypto';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../linux/files.ts';
import { withTop, writeMarker } from './marker.ts';
import type { HeldMount } from './mount-guard.ts';

const ABOUT =
  'Dendro keeps backups on this drive and knows it by this file. Without it Dendro asks before it writes here.';

/**
 * Gives the drive its marker and returns its id; one that has a marker from before keeps it, so
 * that a drive may serve several computers.
 */
export function markDrive({ marker, path }: HeldMount, name: string, nowMs: number): string {
  if (marker) return marker.markerId;
  const markerId = randomUUID();
  const fd = openPath(cString(path), O_RDONLY | O_DIRECTORY);
  try {
    withTop(fd, (top) =>
      writeMarker(top, { dendro: 'drive', markerId, name, madeAtMs: nowMs, about: ABOUT }),
    );
  } finally {
    closeFd(fd);
  }
  return markerId;
}
