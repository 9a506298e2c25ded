import { physicalDisks } from '../linux/physical-disks.ts';
import type { Context } from './context.ts';

/** What a run that reads and writes these volumes keeps busy, for `RunSpec.devices`. */
export async function heavyOn(
  volumeIds: readonly string[],
  { volumes, drives }: Pick<Context, 'volumes' | 'drives'>,
): Promise<string[]> {
  const disks = await Promise.all(
    volumeIds.map(async (volumeId) => {
      const known = await volumes.get(volumeId).catch(() => undefined);
      // A drive that is no btrfs is no volume here.
      const drive = drives.latest.find(({ driveId }) => driveId === volumeId)?.devicePath ?? [];
      const paths = known?.volume.devices.flatMap(({ path }) => path ?? []) ?? [drive].flat();
      return paths.length > 0 ? paths.flatMap((path) => physicalDisks(path)) : [volumeId];
    }),
  );
  return [...new Set(disks.flat())].sort();
}
