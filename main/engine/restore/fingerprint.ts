import { createHash, type Hash } from 'node:crypto';
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';

/**
 * The same as long as nobody changed anything below the path: names, inode numbers, sizes,
 * modes, owners, modification and change times. Contents are not read: a change of them
 * changes the times. Of the top itself the change time does not count: a rename changes it.
 */
export function fingerprint(path: Uint8Array): string {
  const hash = createHash('sha256');
  add(hash, Buffer.from(path));
  return hash.digest('base64url');
}

function add(hash: Hash, path: Buffer, name?: Buffer): void {
  const status = lstatSync(path, { bigint: true });
  const { ino, mode, uid, gid, size, mtimeNs, ctimeNs } = status;
  const changed = name === undefined ? '' : ctimeNs;
  const fields = [ino, mode, uid, gid, size, mtimeNs, changed].join(' ');
  hash.update(name ?? '').update(`\0${fields}\0`);
  if (status.isSymbolicLink()) hash.update(readlinkSync(path, { encoding: 'buffer' }));
  if (!status.isDirectory()) return;
  for (const child of namesIn(path))
    add(hash, Buffer.concat([path, Buffer.from('/'), child]), child);
}

/** Who may not list a folder that was restored for somebody else cannot change what is in it. */
function namesIn(path: Buffer): Buffer[] {
  try {
    return readdirSync(path, { encoding: 'buffer' }).sort(Buffer.compare);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') return [];
    throw error;
  }
}
