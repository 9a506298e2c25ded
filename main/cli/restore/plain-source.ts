import { dirname, normalize } from 'node:path';
import { bytesFromText, textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { Entry } from '../../engine/sink/folder-memory.ts';
import { sidecarBeside } from '../../engine/sink/folder-sidecar.ts';
import { namesOf } from '../../places/open-place.ts';
import { absolute } from '../archive/run-verb.ts';
import type { RestoreSource } from './source.ts';

/**
 * What a path names in a folder that `receive --plain` made, the nearest above it; undefined where
 * there is none. It may be named as it is called on the disk or as it was called on the source,
 * which is all that there is of what the disk could not hold.
 * @throws Corrupt 'sidecar-damaged'
 */
export function plainSource(text: string): RestoreSource | undefined {
  const path = normalize(absolute(text)).replace(/(?!^)\/+$/, '');
  for (let folder = path; folder !== '/'; folder = dirname(folder)) {
    const sidecar = sidecarBeside(bytesFromText(folder));
    if (sidecar === undefined) continue;
    const { identity, memory } = sidecar;
    const place = { kind: 'folder', folder } as const;
    const inside = onSource(memory.top, path.slice(folder.length));
    const name = inside.slice(inside.lastIndexOf('/') + 1) || textFromBytes(identity.name);
    return { place, path: inside, name };
  }
  return undefined;
}

/** A path on the disk, in the names that its files had on the source. */
function onSource(top: Entry, path: string): string {
  let entry: Entry | undefined = top;
  const names = namesOf(path).map((onDisk) => {
    const known = [...(entry?.children ?? [])].find(
      ([, { real }]) => real?.toString('latin1') === onDisk,
    );
    const name = known?.[0] ?? onDisk;
    entry = entry?.children?.get(name);
    return textFromBytes(Buffer.from(name, 'latin1'));
  });
  return names.join('/');
}
