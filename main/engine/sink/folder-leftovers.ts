import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { conflict } from '../../../shared/errors.ts';
import {
  closeFd,
  cString,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_RDONLY,
  openPath,
} from '../../linux/files.ts';
import { ERRNO } from '../../linux/libc-error.ts';
import { lastErrno, libc } from '../../linux/libc.ts';
import { identityKey, parseIdentity, type StreamIdentity } from './stream-identity.ts';

/** What a receive into a plain folder works in, beside the final name: this and its key. */
export const ASIDE_PREFIX = '.dendro-receive-';
export const ASIDE_IDENTITY = 'identity';
const ASIDE = /^\.dendro-receive-([0-9a-f]{16})$/;
const LOCK_EXCLUSIVE_NOW = 2 | 4;

export interface FolderLeftover {
  readonly key: string;
  readonly identity: StreamIdentity;
  readonly beganAtMs: number;
}

/** Receives into plain folders that did not come to their end: the next one begins anew. */
export function folderLeftoversIn(target: Uint8Array): FolderLeftover[] {
  const found: FolderLeftover[] = [];
  for (const name of readdirSync(Buffer.from(target))) {
    const key = ASIDE.exec(name)?.[1];
    if (key === undefined) continue;
    const path = pathOf(target, name);
    const identity = parseIdentity(textOf(pathOf(target, `${name}/${ASIDE_IDENTITY}`)));
    if (identity === undefined || identityKey(identity) !== key) continue;
    found.push({ key, identity, beganAtMs: Math.floor(statSync(path).birthtimeMs) });
  }
  return found;
}

/** Removes them; `keys` undefined means all. @throws Conflict 'busy' for one that is running */
export function cleanFolderLeftovers(
  target: Uint8Array,
  keys?: readonly string[],
): FolderLeftover[] {
  const chosen = folderLeftoversIn(target).filter(({ key }) => keys?.includes(key) ?? true);
  for (const { key } of chosen) {
    const path = pathOf(target, ASIDE_PREFIX + key);
    const lock = lockAside(path);
    rmSync(path, { recursive: true, force: true });
    closeFd(lock);
  }
  return chosen;
}

/** Held while the descriptor is open. @throws Conflict 'busy' */
export function lockAside(path: Uint8Array): number {
  const fd = openPath(cString(path), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  // A filesystem without locks does without.
  if (libc().flock(fd, LOCK_EXCLUSIVE_NOW) >= 0 || lastErrno() !== ERRNO.EAGAIN) return fd;
  closeFd(fd);
  throw conflict('busy', 'Another receive of the same stream is running.', {
    hint: 'Wait until it has ended.',
  });
}

function textOf(path: Buffer): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function pathOf(target: Uint8Array, name: string): Buffer {
  return Buffer.concat([target, Buffer.from(`/${name}`)]);
}
