import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { ChangedSince } from '../../../shared/model/space.ts';
import type { VerbContext } from '../context.ts';
import { changedSince } from '../inspect/index.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { openSubvolume } from '../tree/index.ts';

export interface ChangesInput {
  readonly volume: VolumeInput;
  readonly subvolumeId: number;
  readonly since: { readonly generation: number } | { readonly snapshotId: number };
  readonly offset: number;
  readonly limit: number;
}

/** The generation walk; of what it finds, one page. */
export function changesSince(input: ChangesInput, { cancel }: VerbContext): ChangedSince {
  const volume = volumeFor(input.volume, cancel);
  const { since, offset, limit } = input;
  const generation =
    'generation' in since
      ? since.generation
      : openSubvolume(volume, since.snapshotId).info.otransid;
  const changed: ChangedSince['changed'] = [];
  let total = 0;
  for (const one of changedSince(openSubvolume(volume, input.subvolumeId), generation)) {
    if (total >= offset && changed.length < limit) {
      changed.push({ ...one, path: one.path === undefined ? null : textFromBytes(one.path) });
    }
    total += 1;
  }
  return { generation, changed, total };
}
