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

/**
 * How many of the candidates, from the first on, have to be deleted until so many bytes are
 * free; those that `going` names, and those that are deleted already, go anyway. All of them
 * when even that is not enough.
 */
export function howManyToFree(
  {
    volume,
    going,
    candidates,
    neededBytes,
  }: SpaceInput & {
    readonly going: readonly number[];
    readonly candidates: readonly number[];
    readonly neededBytes: number;
  },
  { cancel }: VerbContext,
): { readonly count: number } {
  const bill = readSpaceBill(volumeFor(volume, cancel));
  const deleted = bill.subvolumes.filter(isDeleted).map(({ subvolume }) => subvolume.id);
  const base = [...deleted, ...going];
  let count = 0;
  while (count < candidates.length) {
    if (bill.freedBy([...base, ...candidates.slice(0, count)]) >= neededBytes) break;
    count += 1;
  }
  return { count };
}

export function plainSpace({ subvolume, ...bytes }: SubvolumeSpace) {
  return {
    subvolumeId: subvolume.id,
    path: textFromBytes(subvolume.path),
    isDeleted: isDeleted({ subvolume }),
    ...bytes,
  };
}

function isDeleted({ subvolume }: Pick<SubvolumeSpace, 'subvolume'>): boolean {
  return subvolume.references === 0 && subvolume.id >= 256;
}
