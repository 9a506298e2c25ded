import { counted, noted, say, type Note } from '../../../shared/said.ts';

/** What a backup of a subvolume does not hold. */
export function nestedLeftOut(count: number): Note {
  const which = counted(count, 'nested subvolume is', 'nested subvolumes are');
  const them = counted(count, 'it up itself', 'them up themselves');
  return noted('nested-left-out', say`${{ count }} ${which} not part of it: back ${them}.`);
}

/** What nobody can prove to be as it was written. */
export function unverifiedOnSource(bytes: number): Note {
  return noted('unverified', say`${{ bytes }} bytes have no checksums on the source (nodatasum).`);
}
