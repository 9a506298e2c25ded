import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { corrupt } from '../../../shared/errors.ts';
import type { Secrets } from '../../archive/folder/keys.ts';
import { importStreams } from '../../archive/import/import-streams.ts';
import type { LookAround, PlacedPoint } from '../../places/recover/look-around.ts';
import type { PlaceInput } from '../../places/open-place.ts';
import { plainContext } from '../context.ts';
import { opened } from '../point-place.ts';

/**
 * Opens a point for as long as `use` takes. A stream file that belongs to no archive is made one,
 * with all that lie beside it, in a scratch folder that goes afterwards.
 * @param scratch where there is room for it; the system's temporary folder when left out
 */
export async function withOpened<T>(
  { holders }: LookAround,
  point: PlacedPoint,
  { secrets, scratch = tmpdir() }: { readonly secrets: Secrets; readonly scratch?: string },
  use: (place: PlaceInput) => Promise<T>,
): Promise<T> {
  if (point.input !== null) return use(opened(point.input, secrets));
  mkdirSync(scratch, { recursive: true });
  const folder = mkdtempSync(join(scratch, '.dendro-recover-'));
  try {
    const { files } = holders[point.holder]!;
    const input = { folder, files, nowMs: Date.now(), secrets };
    const { imported, failures } = await importStreams(input, plainContext());
    const found = imported.find(({ name }) => name === point.name);
    if (found) {
      return await use({ kind: 'archive', folder, point: `${found.source}/${found.name}` });
    }
    throw corrupt('stream-not-opened', failures[0]?.message ?? 'The stream cannot be read.', {
      hint: 'Take another copy of the file.',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
