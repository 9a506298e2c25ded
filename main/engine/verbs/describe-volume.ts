import type { Volume as VolumeModel } from '../../../shared/model/volume.ts';
import { GROUP } from '../format/constants.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import type { Chunk } from '../volume/index.ts';
import type { VerbContext } from '../context.ts';
import { uuidText } from './uuid-text.ts';

/** What the volume says of itself; mounts and names are added by who knows them. */
export type VolumeFacts = Pick<
  VolumeModel,
  'devices' | 'sizeBytes' | 'usedBytes' | 'profiles' | 'nodeSizeBytes' | 'generation' | 'label'
> & { readonly fsid: string; readonly checksum: string };

export function describeVolume(input: VolumeInput, { cancel }: VerbContext): VolumeFacts {
  const volume = volumeFor(input, cancel);
  const { superblock } = volume;
  const chunks = volume.chunks.map.chunks;
  const devices = volume.members.all.map(({ device, superblock: own }) => ({
    deviceId: own.device.deviceId,
    path: device.name,
    sizeBytes: own.device.totalBytes,
    usedBytes: own.device.bytesUsed,
  }));
  const missing = superblock.deviceCount - devices.length;
  for (let i = 0; i < missing; i += 1) {
    devices.push({ deviceId: 0, path: null as never, sizeBytes: 0, usedBytes: 0 });
  }
  return {
    fsid: uuidText(volume.fsid)!,
    label: volume.label,
    devices,
    sizeBytes: superblock.totalBytes,
    usedBytes: superblock.bytesUsed,
    profiles: {
      data: profilesOf(chunks, GROUP.data),
      metadata: profilesOf(chunks, GROUP.metadata),
      system: profilesOf(chunks, GROUP.system),
    },
    checksum: volume.checksum.name,
    nodeSizeBytes: volume.nodeSize,
    generation: volume.generation,
  };
}

/** 'DUP', or 'single, RAID1' in the middle of a conversion. */
function profilesOf(chunks: readonly Chunk[], group: number): string {
  const names = chunks
    .filter(({ type }) => (type & group) !== 0)
    .map(({ profile }) => profile.name);
  return [...new Set(names)].join(', ');
}
