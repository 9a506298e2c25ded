import { GROUP } from '../format/constants.ts';

export type ProfileName =
  'single' | 'DUP' | 'RAID0' | 'RAID1' | 'RAID1C3' | 'RAID1C4' | 'RAID10' | 'RAID5' | 'RAID6';

/** How a chunk lies on its stripes (btrfs documentation, "profiles"). */
export interface Profile {
  readonly name: ProfileName;
  readonly layout: 'mirrored' | 'striped' | 'striped-mirrors' | 'parity';
  /** Whole copies of each byte. */
  readonly copies: number;
  readonly parity: number;
  readonly minStripes: number;
  /** Stripes per byte of capacity: chunk length x this = bytes on disk, over the stripes. */
  readonly bit: number;
}

const PROFILES: readonly Profile[] = [
  { name: 'single', layout: 'mirrored', copies: 1, parity: 0, minStripes: 1, bit: 0 },
  { name: 'RAID0', layout: 'striped', copies: 1, parity: 0, minStripes: 1, bit: GROUP.raid0 },
  { name: 'RAID1', layout: 'mirrored', copies: 2, parity: 0, minStripes: 2, bit: GROUP.raid1 },
  { name: 'DUP', layout: 'mirrored', copies: 2, parity: 0, minStripes: 2, bit: GROUP.dup },
  {
    name: 'RAID10',
    layout: 'striped-mirrors',
    copies: 2,
    parity: 0,
    minStripes: 2,
    bit: GROUP.raid10,
  },
  { name: 'RAID5', layout: 'parity', copies: 1, parity: 1, minStripes: 2, bit: GROUP.raid5 },
  { name: 'RAID6', layout: 'parity', copies: 1, parity: 2, minStripes: 3, bit: GROUP.raid6 },
  { name: 'RAID1C3', layout: 'mirrored', copies: 3, parity: 0, minStripes: 3, bit: GROUP.raid1c3 },
  { name: 'RAID1C4', layout: 'mirrored', copies: 4, parity: 0, minStripes: 4, bit: GROUP.raid1c4 },
];
const MASK = PROFILES.reduce((mask, { bit }) => mask | bit, 0);

/** The profile of a chunk's or block group's type, or undefined for a mix that cannot be. */
export function profileOf(type: bigint): Profile | undefined {
  const bits = Number(type & BigInt(MASK));
  return PROFILES.find(({ bit }) => bit === bits);
}

/** Stripes that hold data, of `stripeCount`: what a chunk's length is spread over. */
export function dataStripes(profile: Profile, stripeCount: number): number {
  if (profile.layout === 'mirrored') return 1;
  if (profile.layout === 'striped-mirrors') return Math.floor(stripeCount / profile.copies);
  return stripeCount - profile.parity;
}
