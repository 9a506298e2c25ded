import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { conflict, corrupt } from '../../../shared/errors.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Secrets } from '../../archive/folder/keys.ts';
import { isSealed } from '../../archive/import/open-input.ts';
import { inputLocked, isKey } from '../../archive/import/unseal.ts';
import { importStreams } from '../../archive/import/import-streams.ts';
import type { LookAround, PlacedPoint } from '../../places/recover/look-around.ts';
import type { PlaceInput } from '../../places/open-place.ts';
import { plainContext } from '../context.ts';
import { opened } from '../point-place.ts';
import { stderr } from '../../linux/stderr.ts';

/**
 * Opens a point for as long as `use` takes. A stream file that belongs to no archive is made one,
 * with all that lie beside it, in a scratch folder that goes afterwards.
 * @param scratch a folder where there is room for it; the system's temporary folder when left out
 */
export async function withOpened<T>(
  { holders }: LookAround,
  point: PlacedPoint,
  { secrets, scratch = tmpdir() }: { readonly secrets: Secrets; readonly scratch?: string },
  use: (place: PlaceInput) => Promise<T>,
): Promise<T> {
  if (point.input !== null) return use(opened(point.input, secrets));
  if (point.file !== undefined && isSealed(point.file) && !isKey(secrets)) {
    throw inputLocked(point.file);
  }
  const folder = mkdtempSync(join(scratch, '.dendro-recover-'));
  try {
    const { files } = holders[point.holder]!;
    const input = { folder, files, nowMs: Date.now(), secrets, takeCut: true };
    const { imported, failures, cut } = await importStreams(input, plainContext());
    for (const { file, message } of cut) {
      stderr.write(`${file}: ${message.text} What comes before that is taken.\n`);
    }
    const found =
      imported.find(({ file }) => file === point.file) ??
      imported.find(({ streamName }) => streamName === point.name);
    for (const path of found?.leftOut ?? []) {
      stderr.write(`left out, not whole: ${printable(path)}\n`);
    }
    if (found) {
      return await use({ kind: 'archive', folder, point: `${found.source}/${found.name}` });
    }
    const failure =
      failures.find(({ file }) => file === printable(point.file ?? '')) ?? failures[0];
    const { code, message } = failure ?? { code: '', message: 'The stream cannot be read.' };
    if (code === 'wrong-key') throw conflict('wrong-key', message);
    if (code === 'wrong-passphrase') throw conflict('wrong-passphrase', message);
    throw corrupt('stream-not-opened', message, {
      hint: 'Take another copy of the file.',
    });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
