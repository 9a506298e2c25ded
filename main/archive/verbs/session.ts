import { bytesFromText } from '../../../shared/model/bytes-text.ts';
import type { CancelToken } from '../../engine/cancel.ts';
import type { Secrets } from '../folder/keys.ts';
import { openTree, type OpenTree, type OpenTreeHooks } from '../read/open-tree.ts';
import { pickPoint } from '../read/pick.ts';
import { openReader, type ArchiveReader, type PointRef } from '../read/reader.ts';

/** Names a restore point of an archive. */
export interface PointInput {
  /** Absolute path of the archive. */
  readonly folder: string;
  /** See `pickPoint`. */
  readonly point: string;
  readonly secrets?: Secrets;
}

export interface Session {
  readonly reader: ArchiveReader;
  readonly ref: PointRef;
  readonly open: OpenTree;
}

/** Opens an archive and the tree of one of its points, for as long as `use` takes. */
export async function withPoint<T>(
  input: PointInput,
  cancel: CancelToken,
  use: (session: Session) => T | Promise<T>,
  hooks?: OpenTreeHooks,
): Promise<T> {
  const reader = await openReader(input.folder, input.secrets);
  try {
    const ref = pickPoint(reader, input.point);
    await reader.unlock(reader.closureOf(ref));
    return await use({ reader, ref, open: openTree(reader, ref, cancel, hooks) });
  } finally {
    reader.close();
  }
}

/** A path that a person gave, as text of one character a byte. */
export function inward(text: string): string {
  return Buffer.from(bytesFromText(text)).toString('latin1');
}
