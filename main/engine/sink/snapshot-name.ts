import { corrupt } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { pathText } from '../../linux/libc-error.ts';

/**
 * The name of a snapshot comes from the stream: it must be one name, and none of ours.
 * @throws Corrupt 'stream-malformed'
 */
export function refuseName(name: Buffer): void {
  const text = name.toString('latin1');
  if (isOneName(name) && name.length <= 255 && !text.startsWith('.dendro-')) return;
  throw corrupt(
    'stream-malformed',
    say`The stream names its snapshot "${{ name: pathText(name) }}".`,
    {
      hint: 'A snapshot has one name of 1 to 255 bytes; those that begin with .dendro- are ours.',
    },
  );
}

/** A name of an entry in a folder: no path, and neither the folder itself nor the one above. */
export function isOneName(name: Buffer): boolean {
  const text = name.toString('latin1');
  return text !== '' && text !== '.' && text !== '..' && !name.includes(0) && !name.includes(0x2f);
}
