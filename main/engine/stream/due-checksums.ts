import { streamChecksum } from './crc.ts';
import { COMMAND_HEADER_SIZE } from './protocol.ts';

/** Set in a command's number until its checksum, whose field is zero until then, is put in. */
export const CHECKSUM_DUE = 0x8000;

/** Where the command ends that begins at `at`. */
export function endOfCommand(bytes: Uint8Array, at: number): number {
  const length =
    bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
  return at + COMMAND_HEADER_SIZE + length;
}

/** Puts in the checksums of whole commands that another thread has encoded. */
export function putChecksums(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length;) {
    const end = endOfCommand(bytes, at);
    const command = view.getUint16(at + 4, true);
    if ((command & CHECKSUM_DUE) !== 0) {
      view.setUint16(at + 4, command & ~CHECKSUM_DUE, true);
      view.setInt32(at + 6, streamChecksum(bytes, at, end), true);
    }
    at = end;
  }
}
