import { createHash } from 'node:crypto';
import { readlinkSync } from 'node:fs';
import { isStub, walkDown } from './walk-down.ts';

/**
 * The same as long as nobody changed anything below the path: names, inode numbers, sizes,
 * modes, owners, modification and change times. Contents are not read: a change of them
 * changes the times. Of the top itself the change time does not count: a rename changes it.
 */
export function fingerprint(path: Uint8Array): string {
  const hash = createHash('sha256');
  for (const { path: at, name, status } of walkDown(path)) {
    const { ino, mode, uid, gid, size, mtimeNs, ctimeNs } = status;
    const changed = name === undefined ? '' : ctimeNs;
    const times = isStub(status) ? [] : [mtimeNs, changed];
    const fields = [ino, mode, uid, gid, size, ...times].join(' ');
    hash.update(name ?? '').update(`\0${fields}\0`);
    if (status.isSymbolicLink()) hash.update(readlinkSync(at, { encoding: 'buffer' }));
  }
  return hash.digest('base64url');
}
