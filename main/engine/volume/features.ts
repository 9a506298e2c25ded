import { unsupported } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';

/** Incompat feature bits (`BTRFS_FEATURE_INCOMPAT_*`) by number, and whether we read them. */
const FEATURES: Readonly<Record<number, readonly [name: string, readable: boolean]>> = {
  0: ['mixed-backref', true],
  1: ['default-subvolume', true],
  2: ['mixed-groups', true],
  3: ['compress-lzo', true],
  4: ['compress-zstd', true],
  5: ['big-metadata', true],
  6: ['extended-refs', true],
  7: ['raid56', true],
  8: ['skinny-metadata', true],
  9: ['no-holes', true],
  10: ['metadata-uuid', true],
  11: ['raid1c34', true],
  12: ['zoned', false],
  13: ['extent-tree-v2', false],
  14: ['raid-stripe-tree', false],
  16: ['simple-quota', true],
  17: ['remap-tree', false],
};
/** Superblock flags of a conversion that was cut short (btrfstune). */
const CONVERSIONS: Readonly<Record<number, string>> = {
  35: 'an unfinished change of its UUID',
  38: 'an unfinished conversion of the block group tree',
  39: 'an unfinished conversion of data checksums',
  40: 'an unfinished conversion of metadata checksums',
};
export const FEATURE_METADATA_UUID = 10;

export function hasFeature(flags: bigint, bit: number): boolean {
  return ((flags >> BigInt(bit)) & 1n) === 1n;
}

/** @throws Unsupported, naming each feature that we cannot read. */
export function refuseUnreadable(incompatFlags: bigint, superFlags: bigint, device: string): void {
  const features = bitsOf(incompatFlags)
    .filter((bit) => FEATURES[bit]?.[1] !== true)
    .map((bit) => FEATURES[bit]?.[0] ?? `unknown feature bit ${bit}`);
  const conversions = bitsOf(superFlags).flatMap((bit) => CONVERSIONS[bit] ?? []);
  const names = [...features, ...conversions];
  if (names.length === 0) return;
  // no kernel mounts what btrfstune left half done
  const hint =
    conversions.length > 0
      ? 'Run btrfstune again with the same options: it goes on where it stopped.'
      : 'Mount it with a kernel that knows the feature.';
  throw unsupported(
    'unsupported-feature',
    say`The filesystem on ${{ device }} uses ${{ names: names.join(', ') }}, which Dendro does not read.`,
    { hint, place: { device } },
  );
}

function bitsOf(flags: bigint): number[] {
  const bits: number[] = [];
  for (let bit = 0; flags >> BigInt(bit); bit += 1) if (hasFeature(flags, bit)) bits.push(bit);
  return bits;
}
