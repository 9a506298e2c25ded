import { createHash } from 'node:crypto';
import type { Manifest } from '../format/manifest.ts';

const DIGITS = 32;

/** Tells computers apart within one archive, and says nothing of them to who reads it. */
export function computerOf(hardware: string, { archiveId }: Manifest): string {
  return createHash('sha256').update(`${archiveId} ${hardware}`).digest('hex').slice(0, DIGITS);
}
