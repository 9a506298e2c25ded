import type { Volume as VolumeModel } from '../../../shared/model/volume.ts';
import { GROUP } from '../format/constants.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { missingDevices } from '../inspect/index.ts';
import type { Chunk, Superblock, Volume } from '../volume/index.ts';
import { hex } from '../volume/members.ts';
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
  const devices = devicesOf(volume);
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

/** Those that are here, and by number those that are not. */
function devicesOf(volume: Volume): VolumeModel['devices'] {
  const used = new Set(volume.chunks.map.chunks.flatMap(({ stripes }) => stripes).map(uuidOf));
  const here = volume.members.all
    // a seed that lies about and belongs to another volume is none of this one
    .filter(({ superblock }) => isSame(superblock, volume) || used.has(hex(superblock.device.uuid)))
    .map(({ device, superblock }) => ({
      deviceId: superblock.device.deviceId,
      path: device.name,
      sizeBytes: superblock.device.totalBytes,
      usedBytes: superblock.device.bytesUsed,
    }));
  const missing = missingDevices(volume);
  // a device that no chunk lies on is known by the count only
  while (here.length + missing.length < volume.superblock.deviceCount) missing.push(0);
  const away = missing.map((deviceId) => ({ deviceId, path: null, sizeBytes: 0, usedBytes: 0 }));
  return [...here, ...away];
}

function uuidOf({ deviceUuid }: { readonly deviceUuid: Uint8Array }): string {
  return hex(deviceUuid);
}

function isSame({ fsid }: Superblock, volume: Volume): boolean {
  return Buffer.compare(fsid, volume.fsid) === 0;
}

/** 'DUP', or 'single, RAID1' in the middle of a conversion. */
function profilesOf(chunks: readonly Chunk[], group: number): string {
  const names = chunks
    .filter(({ type }) => (type & group) !== 0)
    .map(({ profile }) => profile.name);
  return [...new Set(names)].join(', ');
}
