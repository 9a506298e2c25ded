import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { SpaceBill } from '../../../shared/model/space.ts';
import type { VerbContext } from '../context.ts';
import { readSpaceBill, type SubvolumeSpace } from '../inspect/index.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';

interface SpaceInput {
  readonly volume: VolumeInput;
}

/** What each subvolume takes, alone and shared. */
export function spaceBill({ volume }: SpaceInput, { cancel }: VerbContext): SpaceBill {
  const bill = readSpaceBill(volumeFor(volume, cancel));
  return { totalBytes: bill.totalBytes, subvolumes: bill.subvolumes.map(plainSpace) };
}

/** What deleting all of these together would free. */
export function spaceFreed(
  { volume, subvolumeIds }: SpaceInput & { readonly subvolumeIds: readonly number[] },
  { cancel }: VerbContext,
): { freedBytes: number } {
  return { freedBytes: readSpaceBill(volumeFor(volume, cancel)).freedBy(subvolumeIds) };
}

export function plainSpace({ subvolume, ...bytes }: SubvolumeSpace) {
  return {
    subvolumeId: subvolume.id,
    path: textFromBytes(subvolume.path),
    isDeleted: subvolume.references === 0 && subvolume.id >= 256,
    ...bytes,
  };
}
