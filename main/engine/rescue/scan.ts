import { DendroError } from '../../../shared/errors.ts';
import { allocateAligned, releaseAligned, type Device } from '../device/index.ts';
import { HEADER } from '../format/layouts.ts';
import { readU64 } from '../format/numbers.ts';
import { checksumOf } from '../volume/checksum.ts';
import { nodeFault } from '../volume/node-check.ts';
import type { Superblock } from '../volume/superblock.ts';
import { Node } from '../volume/index.ts';

const PIECE_BYTES = 4 * 1024 * 1024;

/**
 * Reads a device from end to end for tree blocks of this filesystem, by their fsid and
 * checksum; what a block says of its address is not believed further. Unreadable places are
 * skipped. `visit` gets each good block; the node's bytes are its own.
 */
export function scanForBlocks(
  device: Device,
  superblock: Superblock,
  visit: (node: Node, physical: number) => void,
  cancel?: { check(): void },
): void {
  const { nodeSize, sectorSize, blockFsid } = superblock;
  const context = { checksum: checksumOf(superblock.checksumType), fsids: [blockFsid], sectorSize };
  const buffer = allocateAligned(PIECE_BYTES + nodeSize);
  try {
    for (let start = 0; start < device.sizeBytes; start += PIECE_BYTES) {
      cancel?.check();
      const length = readPiece(
        device,
        start,
        Math.min(PIECE_BYTES + nodeSize, device.sizeBytes - start),
        buffer,
      );
      const end = Math.min(PIECE_BYTES, length - nodeSize + 1);
      for (let at = 0; at < end; at += sectorSize) {
        if (!hasFsid(buffer, at + HEADER.at.fsid, blockFsid)) continue;
        const bytes = buffer.slice(at, at + nodeSize) as Uint8Array<ArrayBuffer>;
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        const logical = logicalOf(view);
        if (logical < 0 || nodeFault(bytes, view, logical, {}, context) !== undefined) continue;
        visit(new Node(bytes), start + at);
      }
    }
  } finally {
    releaseAligned(buffer);
  }
}

/** Bytes read; a place that the device refuses is zeros, block by block. */
function readPiece(device: Device, start: number, length: number, buffer: Uint8Array): number {
  try {
    device.read(start, length, buffer, 0);
  } catch (error) {
    if (!(error instanceof DendroError)) throw error;
    for (let done = 0; done < length; done += 65536) {
      const size = Math.min(65536, length - done);
      try {
        device.read(start + done, size, buffer, done);
      } catch (again) {
        if (!(again instanceof DendroError)) throw again;
        buffer.fill(0, done, done + size);
      }
    }
  }
  return length;
}

function hasFsid(bytes: Uint8Array, at: number, fsid: Uint8Array): boolean {
  for (let i = 0; i < 16; i += 1) if (bytes[at + i] !== fsid[i]) return false;
  return true;
}

function logicalOf(view: DataView): number {
  try {
    return readU64(view, HEADER.at.logical);
  } catch {
    return -1;
  }
}
