import { basename, dirname, join } from 'node:path';
import { namesIn, openInput, partsOf } from '../../archive/import/open-input.ts';
import { headOf, type StreamHead } from '../../archive/read/stream-head.ts';

/**
 * The head of a stream file, plain, packed or split; nothing behind it is read.
 * @throws Corrupt 'not-a-stream', Unsupported 'input-encrypted', Conflict 'tool-missing'
 */
export function readHead(file: string): StreamHead {
  const whole = file.replace(/\.split_aa$/, '');
  const names = namesIn(dirname(file)).map((name) => join(dirname(file), name));
  const input = openInput(partsOf(whole, names));
  try {
    return headOf(input) ?? { name: basename(file), uuid: '', ctransid: 0, parentUuid: null };
  } finally {
    input.close();
  }
}
