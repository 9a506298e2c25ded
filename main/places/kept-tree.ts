import { createHash } from 'node:crypto';
import { statSync } from 'node:fs';
import { bytesFromText } from '../../shared/model/bytes-text.ts';
import type { DirectoryEntry } from '../../shared/model/entry.ts';
import type { CancelToken } from '../engine/cancel.ts';
import type { PlacedTree } from './node.ts';
import { openPlace, type PlaceInput } from './open-place.ts';

/** Nobody has looked for so long: the memory is given back. */
const KEPT_MS = 60_000;

export interface KeptTree {
  readonly key: string;
  readonly tree: PlacedTree;
  /** The folder that was listed last, sorted: the next page of it is a slice. */
  folder: { readonly path: string; readonly entries: readonly DirectoryEntry[] } | undefined;
}

let kept: KeptTree | undefined;
let timer: NodeJS.Timeout | undefined;

/**
 * The names and properties of an archive's point, from one question to the next: laying the
 * indexes of a chain over one another again for each page of a folder would take seconds where
 * there are many files. Of the content nothing is kept, and no file of the drive stays open.
 */
export async function keptTree(
  place: PlaceInput & { kind: 'archive' },
  cancel: CancelToken,
): Promise<KeptTree> {
  const key = keyOf(place);
  clearTimeout(timer);
  if (kept?.key !== key) {
    kept = undefined;
    const tree = await openPlace(place, cancel);
    tree.close();
    kept = { key, tree, folder: undefined };
  }
  timer = setTimeout(() => (kept = undefined), KEPT_MS);
  timer.unref();
  return kept;
}

/** The same archive as it is now, opened by the same key: who has another one is asked for it. */
function keyOf({ folder, point, secrets }: PlaceInput & { kind: 'archive' }): string {
  const { mtimeNs, size, ino } = statSync(
    Buffer.concat([bytesFromText(folder), Buffer.from('/manifest.json')]),
    { bigint: true, throwIfNoEntry: false },
  ) ?? { mtimeNs: 0n, size: 0n, ino: 0n };
  const facts = [folder, point, secrets ?? null, ...[mtimeNs, size, ino].map(String)];
  return createHash('sha256').update(JSON.stringify(facts)).digest('base64');
}
