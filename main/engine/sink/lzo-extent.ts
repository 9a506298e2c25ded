import { unsupported } from '../../../shared/errors.ts';

/** LZO extents are refused until the engine's decoder is reachable from here. */
export function decompressLzo(): Uint8Array {
  throw unsupported('compression', 'LZO data in a stream is not decoded yet.', {
    hint: 'Send it again without --compressed-data.',
  });
}
