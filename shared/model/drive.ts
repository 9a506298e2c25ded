import { z } from 'zod';
import { Count, ErrorModel, PathText, TimeMs } from './basics.ts';

/** A disk as its maker and the kernel name it. */
export const Disk = z.object({
  path: PathText,
  model: z.string(),
  vendor: z.string(),
  serial: z.string(),
  /** 'usb', 'sata', 'nvme', 'loop' ..., or ''. */
  transport: z.string(),
  removable: z.boolean(),
  readOnly: z.boolean(),
});
export type Disk = z.infer<typeof Disk>;

/** A filesystem that backups can go to, here now or known from before. */
export const Drive = z.object({
  /**
   * The filesystem's UUID as blkid(8) gives it; 'luks:UUID' while it is locked and what it holds
   * is not known yet; 'device:PATH' while it holds no filesystem.
   */
  driveId: z.string().min(1),
  /** What to call it: the given name, else the label, else the model, else the device. */
  name: z.string(),
  state: z.enum(['mounted', 'unmounted', 'locked', 'blank', 'away']),
  /** A person gave it to Dendro: its marker is checked before anything is written. */
  known: z.boolean(),
  /** The running system lives on it. */
  system: z.boolean(),
  /** It is on a disk that the running system lives on: nothing is offered to be done with it. */
  onSystemDisk: z.boolean(),
  /** 'btrfs', 'ext4', 'vfat' ..., '' when there is none or it is locked. */
  filesystem: z.string(),
  label: z.string(),
  sizeBytes: Count,
  freeBytes: Count.nullable(),
  /** The node that holds the filesystem; null while it is away. */
  devicePath: PathText.nullable(),
  disk: Disk.nullable(),
  luks: z
    .object({
      uuid: z.string(),
      unlocked: z.boolean(),
      /** Where its passphrase comes from when a plan needs it. */
      passphrase: z.enum(['ask', 'keyring']),
    })
    .nullable(),
  mounts: z.array(PathText),
  /** Runs that hold it now: it cannot be unplugged. */
  inUse: Count,
  lastSeenAtMs: TimeMs,
  /** Why it cannot be used; null when all is well. */
  problem: ErrorModel.nullable(),
});
export type Drive = z.infer<typeof Drive>;

/** How a drive was let go of. */
export const Released = z.object({
  safeToUnplug: z.boolean(),
  /** What was done last: nothing, unmounted, or without power. */
  state: z.enum(['mounted', 'unmounted', 'powered-off']),
});
export type Released = z.infer<typeof Released>;

/** At most what LUKS takes. */
export const Passphrase = z.string().min(1).max(512);
