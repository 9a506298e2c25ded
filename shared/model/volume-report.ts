import { z } from 'zod';
import { Count, PathText } from './basics.ts';

/** Room of one kind of block group in one profile. */
export const GroupUsage = z.object({
  kind: z.enum(['data', 'metadata', 'system', 'data+metadata']),
  /** 'single', 'DUP', 'RAID1C3' ... */
  profile: z.string(),
  /** Room for so many bytes of content. */
  sizeBytes: Count,
  usedBytes: Count,
  /** What that takes on the devices: times the copies, or with parity. */
  diskBytes: Count,
});
export type GroupUsage = z.infer<typeof GroupUsage>;

export const DeviceUsage = z.object({
  deviceId: Count,
  uuid: z.string(),
  /** Null: missing. */
  path: PathText.nullable(),
  sizeBytes: Count,
  /** Taken by chunks. */
  allocatedBytes: Count,
  /** It was away while the others were written to: what it holds may be old. */
  isStale: z.boolean(),
  /** Counted by the kernel since the last reset. */
  errors: z.object({
    write: Count,
    read: Count,
    flush: Count,
    corruption: Count,
    generation: Count,
  }),
});
export type DeviceUsage = z.infer<typeof DeviceUsage>;

/** A volume in depth: room, devices, health. */
export const VolumeReport = z.object({
  groups: z.array(GroupUsage),
  devices: z.array(DeviceUsage),
  health: z.object({
    /** attention: look at the notes; degraded: copies are missing; lost: not all can be read. */
    state: z.enum(['good', 'attention', 'degraded', 'lost']),
    notes: z.array(z.object({ code: z.string(), text: z.string() })),
  }),
});
export type VolumeReport = z.infer<typeof VolumeReport>;
