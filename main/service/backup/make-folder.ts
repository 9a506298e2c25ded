import { mkdirSync } from 'node:fs';
import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import { typedFs } from '../../linux/libc-error.ts';
import type { Route } from './route.ts';

/**
 * The folder that receives, with those above it, where they are missing: that the drive is mounted
 * there is known. @throws Denied, Io, Conflict
 */
export function makeFolder({ folder }: Pick<Route, 'folder'>): void {
  try {
    mkdirSync(Buffer.from(bytesFromText(folder)), { recursive: true, mode: 0o755 });
  } catch (error) {
    throw typedFs(error);
  }
}
