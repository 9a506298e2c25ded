import { closeSync, lstatSync, openSync, readdirSync, readSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { hasArchive } from '../../archive/folder/archive.ts';
import { SIDECAR_SUFFIX } from '../../engine/sink/folder-sidecar.ts';
import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';

/** What lies in a folder, by kind; absolute paths, as text that keeps its bytes. */
export interface FoundFiles {
  readonly archives: string[];
  readonly streams: string[];
  readonly images: string[];
  /** Folders that `receive --plain` made. */
  readonly folders: string[];
  /** There is more than was looked through. */
  isCut: boolean;
}

const MAX_NAMES = 50_000;
const MAX_DEPTH = 12;
const STREAM_NAME =
  /\.btrfs(\.(zst|zstd|gz|xz|bz2|lz4|lzo))?(\.age|\.gpg)?(\.split_aa)?$|\.(stream|btrfs-stream|send)$/;
const STREAM_MAGIC = 'btrfs-stream\0';
const IMAGE_MAGICS = [0x1_0040, 0x400_0040];
const IMAGE_MAGIC = '_BHRfS_M';
/** Smaller files hold no btrfs. */
const MIN_IMAGE_BYTES = 1 << 20;

/** Goes through a folder and what is in it, never through a link. */
export function searchFolder(folder: string, check: () => void): FoundFiles {
  const found: FoundFiles = { archives: [], streams: [], images: [], folders: [], isCut: false };
  let names = 0;
  const go = (path: string, depth: number): void => {
    check();
    // Archives are Dendro's own, and called in UTF-8.
    if (path.isWellFormed() && hasArchive(path)) {
      found.archives.push(path);
      return;
    }
    const entries = listed(path);
    const plain = new Set(
      entries
        .filter((name) => name.endsWith(SIDECAR_SUFFIX))
        .map((name) => name.slice(0, -SIDECAR_SUFFIX.length)),
    );
    for (const name of entries) {
      names += 1;
      if (names > MAX_NAMES) {
        found.isCut = true;
        return;
      }
      const inside = join(path, name);
      const status = statOf(inside);
      if (status === undefined || name.startsWith('.dendro-')) continue;
      if (status.isFile()) look(inside, name, status, found);
      else if (!status.isDirectory()) continue;
      else if (plain.has(name)) found.folders.push(inside);
      else if (depth < MAX_DEPTH) go(inside, depth + 1);
      else found.isCut = true;
    }
  };
  go(folder, 0);
  return found;
}

function look(path: string, name: string, status: Stats, found: FoundFiles): void {
  if (STREAM_NAME.test(name)) found.streams.push(path);
  else if (status.size >= MIN_IMAGE_BYTES && isImage(path)) found.images.push(path);
  else if (isStream(path)) found.streams.push(path);
}

/** A file that holds a btrfs superblock, or a copy of one. */
export function isImage(path: string): boolean {
  return IMAGE_MAGICS.some((place) => readAt(path, place, IMAGE_MAGIC.length) === IMAGE_MAGIC);
}

/** A send stream as it is, not packed. */
export function isStream(path: string): boolean {
  return readAt(path, 0, STREAM_MAGIC.length) === STREAM_MAGIC;
}

function readAt(path: string, place: number, length: number): string {
  let fd: number;
  try {
    fd = openSync(Buffer.from(bytesFromText(path)), 'r');
  } catch {
    return ''; // not ours to read
  }
  try {
    const bytes = Buffer.alloc(length);
    readSync(fd, bytes, 0, length, place);
    return bytes.toString('latin1');
  } catch {
    return ''; // a block that cannot be read
  } finally {
    closeSync(fd);
  }
}

function listed(path: string): string[] {
  try {
    return readdirSync(Buffer.from(bytesFromText(path)), { encoding: 'buffer' })
      .map((name) => textFromBytes(name))
      .sort();
  } catch {
    return [];
  }
}

function statOf(path: string): Stats | undefined {
  try {
    return lstatSync(Buffer.from(bytesFromText(path)), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
