import type { VolumeReport } from '../../../shared/model/volume-report.ts';
import type { VerbContext } from '../context.ts';
import { healthOf, readUsage } from '../inspect/index.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { listDeletedSubvolumes } from '../tree/index.ts';

/** Room by kind and profile, each device, and how the volume is. */
export function inspectVolume(
  input: { readonly volume: VolumeInput },
  { cancel }: VerbContext,
): VolumeReport {
  const volume = volumeFor(input.volume, cancel);
  const usage = readUsage(volume);
  const beingDeleted = listDeletedSubvolumes(volume).length;
  const isMounted = input.volume.mountPath !== null;
  const { state, notes } = healthOf(volume, usage, { isMounted, beingDeleted });
  return {
    groups: [...usage.groups],
    devices: usage.devices.map((device) => ({ ...device, path: device.path ?? null })),
    health: { state, notes: [...notes] },
  };
}
