import { physicalDisks } from '../linux/physical-disks.ts';
import type { Context } from './context.ts';

/** What a run that reads and writes these volumes keeps busy, for `RunSpec.devices`. */
export async function heavyOn(
  volumeIds: readonly string[],
  { volumes }: Pick<Context, 'volumes'>,
): Promise<string[]> {
  const disks = await Promise.all(
    volumeIds.map(async (volumeId) => {
      const known = await volumes.get(volumeId).catch(() => undefined);
      const paths = known?.volume.devices.flatMap(({ path }) => path ?? []) ?? [];
      return paths.length > 0 ? paths.flatMap((path) => physicalDisks(path)) : [volumeId];
    }),
  );
  return [...new Set(disks.flat())].sort();
}
