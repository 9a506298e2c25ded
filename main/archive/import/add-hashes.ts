import type { FileHashes } from '../index/file-hash.ts';
import { IndexFileWriter, loadIndex, readIndexFooter } from '../index/index-file.ts';
import { IndexWriter } from '../index/index-writer.ts';
import type { OpenTree } from '../read/open-tree.ts';
import type { ArchiveReader } from '../read/reader.ts';
import { filePart, type OutputSpec } from '../write/pack-output.ts';

/**
 * Writes the index of a point anew, with hashes that need more than its stream: of files that the
 * stream changes in part. They go on in its last frame, as those of an export do. The point's
 * record is the caller's to save.
 */
export function addHashes(
  reader: ArchiveReader,
  { ref, lastPath }: OpenTree,
  hashes: FileHashes,
  output: OutputSpec,
): void {
  const { point } = ref;
  const { plain } = reader.index(ref);
  const footer = readIndexFooter(plain);
  const file = new IndexFileWriter(output);
  try {
    const writer = new IndexWriter((frame) => file.frame(frame), false);
    let last: Buffer | undefined;
    for (const frame of loadIndex(plain, footer).frames) {
      if (last !== undefined) file.frame(last);
      last = Buffer.from(frame);
    }
    if (last !== undefined) writer.goOn(last, Buffer.from(lastPath, 'latin1'));
    writer.hashes(hashes);
    writer.flush();
    const operations = footer.operations + writer.operations;
    point.index = filePart(file.finish({ ...footer, operations }));
  } catch (error) {
    file.discard();
    throw error;
  }
}
