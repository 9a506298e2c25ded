import { numberedName, portableName } from '../../engine/sink/folder-names.ts';

export const MANIFEST = 'manifest.json';
export const README = 'README.txt';
export const CHECKSUMS = 'SHA256SUMS';
export const KEY_FILE = 'key.age';
export const LOCK = '.dendro-lock';
export const RECEIPTS = 'receipts';
/** In the folder of a source. */
export const SOURCE_FILE = 'source.json';
export const RECORD_SUFFIX = '.point.json';
export const RESUME_SUFFIX = '.unfinished.json';
export const STREAM_SUFFIX = '.btrfs.zst';
export const INDEX_SUFFIX = '.index.zst';
export const AGE_SUFFIX = '.age';
/** Room for suffixes, part numbers and `~2` behind a name of 255 at most. */
const MAX_BASE = 180;

/** A name that every filesystem takes and no shell minds, for a snapshot or a source. */
export function baseName(name: Uint8Array): string {
  const portable = portableName(name).toString().replaceAll('\u{fffd}', '_');
  const shortened = [...portable]
    .slice(0, MAX_BASE)
    .join('')
    .replace(/[. ]+$/, '');
  // A name that begins with a dot is hidden, one with a dash is an option to many tools.
  const plain = shortened.replace(/^[-.]+/, '').normalize('NFC');
  return plain === '' ? 'snapshot' : plain;
}

/** The name, or one with a number behind it that is not taken; case does not tell two apart. */
export function freeName(base: string, isTaken: (name: string) => boolean): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? base : numberedName(Buffer.from(base), number).toString();
    if (!isTaken(name)) return name;
  }
}

/** Of a stream file without its part number: 'home.1' of 'home.1.btrfs.zst.age'. */
export function baseOf(file: string): string {
  const at = file.indexOf(STREAM_SUFFIX);
  return at < 0 ? file : file.slice(0, at);
}

/**
 * Whether `name`, which is there, is what is listed as `listed`: also where case does not tell two
 * names apart and somebody has changed it, so that the one leads to the other.
 * @param there all names that are there
 */
export function isListedAs(name: string, listed: string, there: readonly string[]): boolean {
  if (name === listed) return true;
  return folded(name) === folded(listed) && !there.includes(listed);
}

function folded(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

/**
 * Whether a file or a folder with this name may be of an archive. No name of one begins with a
 * dot, as those do that macOS puts beside each file on a drive of Windows; one that is no text is
 * longer in text than it may be.
 */
export function mayBeOurs(name: string): boolean {
  return !name.startsWith('.') && !name.includes('\u{fffd}');
}
