import { createHash } from 'node:crypto';
import {
  closeSync,
  createReadStream,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { corrupt } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import type { UpdateFile } from '../../shared/model/update.ts';
import { ask, tooLarge } from './fetch-bounded.ts';
import { makeFolders } from '../linux/make-folders.ts';

export interface Download {
  /** Of the channel file: the package lies beside it. */
  readonly channelAddress: string;
  readonly file: UpdateFile;
  /** Only its own files lie there; what is left of other versions is removed. */
  readonly folder: string;
  /** After each piece; what it throws ends the download, and what is there stays. */
  readonly onProgress?: (bytes: number) => void;
}

/**
 * Downloads a package, going on with what is there of it, and proves it. Returns its path.
 *
 * @throws Io 'update-unreachable', 'update-too-large'; Corrupt 'update-damaged'
 */
export async function downloadUpdate(download: Download): Promise<string> {
  const { file, folder } = download;
  makeFolders(folder, 0o700);
  const whole = join(folder, file.name);
  const part = `${whole}.part`;
  for (const name of readdirSync(folder)) {
    if (name !== file.name && name !== `${file.name}.part`) rmSync(join(folder, name));
  }
  if (await isWhole(whole, file)) return whole;
  rmSync(whole, { force: true });
  await fill(part, download);
  if (!(await isWhole(part, file))) {
    rmSync(part);
    throw corrupt('update-damaged', say`${{ name: file.name }} is not what was signed.`, {
      hint: 'It was removed, and nothing was installed. Try again, perhaps from another network.',
    });
  }
  renameSync(part, whole);
  return whole;
}

/** Whether the file is there with exactly the bytes that were signed. */
export async function isWhole(path: string, { sizeBytes, sha512 }: UpdateFile): Promise<boolean> {
  if (statSync(path, { throwIfNoEntry: false })?.size !== sizeBytes) return false;
  const hash = createHash('sha512');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex') === sha512;
}

async function fill(part: string, { channelAddress, file, onProgress }: Download): Promise<void> {
  const address = new URL(file.name, channelAddress).href;
  const fd = openSync(part, 'a', 0o600);
  try {
    let length = fstatSync(fd).size;
    if (length > file.sizeBytes) ftruncateSync(fd, (length = 0));
    if (length === file.sizeBytes) return;
    const range: Record<string, string> = length > 0 ? { range: `bytes=${length}-` } : {};
    const { status, headers, pieces } = await ask(address, range);
    // Who does not know ranges begins at the beginning.
    const goesOn = status === 206 && headers.get('content-range')?.startsWith(`bytes ${length}-`);
    if (!goesOn) ftruncateSync(fd, (length = 0));
    for await (const piece of pieces) {
      length += piece.length;
      if (length > file.sizeBytes) {
        ftruncateSync(fd, 0);
        throw tooLarge(address, file.sizeBytes);
      }
      writeSync(fd, piece);
      onProgress?.(length);
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
