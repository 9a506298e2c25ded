import { sameContent as sameInArchive } from '../../archive/tree/same-content.ts';
import { sameBytes } from '../../engine/proof/same-bytes.ts';
import { sameContent } from '../../engine/proof/same-content.ts';
import { ArchiveNode } from '../archive-node.ts';
import type { PlacedNode } from '../node.ts';
import { SnapshotNode } from '../snapshot-node.ts';

/**
 * Whether two files of one size hold the same bytes, wherever they lie: by what each place knows
 * of its content, and where that does not say it by reading both.
 * @throws Corrupt, Io
 */
export function sameFile(a: PlacedNode, b: PlacedNode, onRead: () => void): boolean {
  if (a.sizeBytes === 0) return true;
  if (a instanceof SnapshotNode && b instanceof SnapshotNode) return sameContent(a, b, onRead);
  if (a instanceof ArchiveNode && b instanceof ArchiveNode) {
    return sameInArchive(contentOf(a), contentOf(b));
  }
  onRead();
  return sameBytes(a.read(), b.read());
}

function contentOf({ source, resolver }: ArchiveNode): Parameters<typeof sameInArchive>[0] {
  return { version: source.version, sha256: source.sha256, resolver };
}
