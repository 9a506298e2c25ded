import { baseOf } from '../folder/names.ts';
import type { FileHashes } from '../index/file-hash.ts';
import { IndexFileWriter, loadIndex, readIndexFooter } from '../index/index-file.ts';
import { IndexWriter } from '../index/index-writer.ts';
import type { ArchiveReader, PointRef } from '../read/reader.ts';
import { filePart } from '../write/pack-output.ts';
import { indexSpec } from './index-spec.ts';

/**
 * Writes the index of a point anew, with hashes that need more than its stream: of files that the
 * stream changes in part. The point's record is the caller's to save.
 */
export async function addHashes(
  reader: ArchiveReader,
  ref: PointRef,
  hashes: FileHashes,
): Promise<void> {
  const { source, point } = ref;
  const { plain } = reader.index(ref);
  const footer = readIndexFooter(plain);
  const isSealed = point.recipients.length > 0;
  const file = new IndexFileWriter(
    await indexSpec(reader.archive, source, baseOf(point.parts[0]!.file), isSealed),
  );
  try {
    for (const frame of loadIndex(plain, footer).frames) file.frame(frame);
    const writer = new IndexWriter((frame) => file.frame(frame));
    writer.hashes(hashes);
    writer.flush();
    const operations = footer.operations + writer.operations;
    point.index = filePart(file.finish({ ...footer, operations }));
  } catch (error) {
    file.discard();
    throw error;
  }
}
