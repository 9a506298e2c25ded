import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { FilePreview } from '../../../shared/model/entry.ts';
import type { VerbContext } from '../context.ts';
import { FILE_TYPE } from '../format/constants.ts';
import { volumeFor } from '../open-volumes.ts';
import { lookup, openSubvolume, readFile, readSymlink, type Found } from '../tree/index.ts';
import type { EntryInput } from './list-directory.ts';
import { requireInode } from './entries.ts';

/** The first bytes of a file, and what they look like. */
export function previewFile(
  input: EntryInput & { readonly limitBytes: number },
  { cancel }: VerbContext,
): FilePreview {
  const found = requireFile(input, lookupEntry(input, cancel));
  const { size } = requireInode(found.subvolume, found.inode);
  const bytes = Buffer.alloc(Math.min(size, input.limitBytes));
  for (const chunk of readFile(found.subvolume, found.inode, 0, bytes.length)) {
    bytes.set(chunk.data, chunk.offset);
  }
  return previewOf(bytes, size);
}

/** What the first bytes of a file of this size look like. */
export function previewOf(bytes: Buffer, sizeBytes: number): FilePreview {
  const isCut = bytes.length < sizeBytes;
  const text = textOf(bytes, isCut);
  return {
    sizeBytes,
    base64: bytes.toString('base64'),
    text,
    mediaType: mediaTypeOf(bytes, text !== null),
    truncated: isCut,
  };
}

export function lookupEntry(input: EntryInput, cancel: VerbContext['cancel']): Found {
  const volume = volumeFor(input.volume, cancel);
  return lookup(openSubvolume(volume, input.subvolumeId), bytesFromText(input.path));
}

/** @throws Conflict 'not-a-file' */
export function requireFile({ path }: { readonly path: string }, found: Found): Found {
  if (found.type === FILE_TYPE.regular) return found;
  const shown = path === '' ? '/' : printable(path);
  throw conflict('not-a-file', say`"${{ path: shown }}" is not a file.`, {
    hint:
      found.type === FILE_TYPE.symlink
        ? say`It is a symbolic link to "${{ target: linkTargetOf(found) }}": name what it leads to.`
        : 'Name a file; list a folder with: dendro ls',
    place: { path: shown },
  });
}

function linkTargetOf({ subvolume, inode }: Found): string {
  return printable(textFromBytes(readSymlink(subvolume, inode)));
}

/** Null when it is not UTF-8, or holds control characters that text does not have. */
function textOf(bytes: Uint8Array, isCut: boolean): string | null {
  const binary = /[\x00-\x08\x0e-\x1a\x1c-\x1f]/;
  try {
    // A character cut in two at the end is no fault of the file.
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: isCut });
    return binary.test(text) ? null : text;
  } catch {
    return null;
  }
}

/** First bytes of the kinds that a page can show (the media types' own specifications). */
const SIGNATURES: readonly (readonly [string, string])[] = [
  ['89504e470d0a1a0a', 'image/png'],
  ['ffd8ff', 'image/jpeg'],
  ['47494638', 'image/gif'],
  ['25504446', 'application/pdf'],
];

function mediaTypeOf(bytes: Buffer, isText: boolean): string {
  const start = bytes.subarray(0, 12).toString('hex');
  const known = SIGNATURES.find(([signature]) => start.startsWith(signature));
  if (known) return known[1];
  // RIFF, four bytes of length, WEBP.
  if (/^52494646.{8}57454250/.test(start)) return 'image/webp';
  return isText ? 'text/plain' : 'application/octet-stream';
}
