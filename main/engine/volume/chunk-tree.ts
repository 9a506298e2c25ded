import { KEY } from '../format/constants.ts';
import { parseChunk, type Chunk } from './chunk-map.ts';
import type { Cursor } from './cursor.ts';

/** Every chunk that the chunk tree holds. @throws Corrupt, Io. */
export function readChunkTree(cursor: Cursor, sectorSize: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (cursor.seek(0, 0, 0); cursor.valid; cursor.next()) {
    if (cursor.type !== KEY.chunkItem) continue;
    const { node, dataStart, dataSize, offset } = cursor;
    chunks.push(parseChunk(node.view, dataStart, dataSize, offset, sectorSize));
  }
  return chunks;
}
