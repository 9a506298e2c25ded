import { z } from 'zod';
import { Count, ErrorModel, PathText, Uuid } from './basics.ts';

export const VolumeDevice = z.object({
  /** The filesystem's own number of the device (devid). */
  deviceId: Count,
  /** Block device or image file; null when the device is missing. */
  path: PathText.nullable(),
  sizeBytes: Count,
  usedBytes: Count,
});
export type VolumeDevice = z.infer<typeof VolumeDevice>;

/** A btrfs filesystem that was found: mounted, on an unmounted device, or in an image. */
export const Volume = z.object({
  /**
   * What other calls take: the fsid for a mounted or scanned volume, the path for an image or
   * device that was added by hand. Stable between starts.
   */
  volumeId: z.string(),
  fsid: Uuid.nullable(),
  /** The filesystem's label, or ''. */
  label: z.string(),
  /** What to call it: the label, else the mount point, else the device. */
  name: z.string(),
  kind: z.enum(['mounted', 'device', 'image']),
  devices: z.array(VolumeDevice),
  mounts: z.array(
    z.object({
      path: PathText,
      /** Path of the mounted subvolume from the top level, '/' for the top level. */
      subvolume: PathText,
      readOnly: z.boolean(),
    }),
  ),
  sizeBytes: Count,
  usedBytes: Count,
  /** What can still be written, as statfs says; null when not mounted. */
  freeBytes: Count.nullable(),
  /** Block group profiles, for example data 'single', metadata 'DUP'; '' when unknown. */
  profiles: z.object({ data: z.string(), metadata: z.string(), system: z.string() }),
  checksum: z.string(),
  nodeSizeBytes: Count,
  generation: Count,
  removable: z.boolean(),
  /** A backup can be sent there: mounted, writable, btrfs. */
  canReceive: z.boolean(),
  /** Why it cannot be read or only in part; null when all is well. */
  problem: ErrorModel.nullable(),
});
export type Volume = z.infer<typeof Volume>;
