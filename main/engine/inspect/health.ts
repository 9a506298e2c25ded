import { LOG_WAITING } from '../damage-log.ts';
import type { Volume } from '../volume/index.ts';
import type { DeviceUsage, VolumeUsage } from './usage.ts';
import { missingDevices } from './verify-tally.ts';

export interface HealthNote {
  /** Stable and kebab-case. */
  readonly code:
    | 'unreadable-chunks'
    | 'device-missing'
    | 'device-stale'
    | 'device-errors'
    | 'profiles-mixed'
    | 'log-not-replayed'
    | 'error-flag'
    | 'subvolumes-being-deleted';
  /** A sentence. */
  readonly text: string;
}
export interface Health {
  /**
   * - good: nothing is known against it.
   * - attention: all can be read, a person should look.
   * - degraded: all can be read, but copies are missing.
   * - lost: something can no longer be read.
   */
  readonly state: 'good' | 'attention' | 'degraded' | 'lost';
  readonly notes: readonly HealthNote[];
}

/** A superblock flag of the kernel: it met an error and has not been checked since. */
const ERROR_FLAG = 1n << 2n;
const RANK = ['good', 'attention', 'degraded', 'lost'] as const;
const WEIGHT: Readonly<Record<HealthNote['code'], (typeof RANK)[number]>> = {
  'unreadable-chunks': 'lost',
  'device-missing': 'degraded',
  'device-stale': 'degraded',
  'device-errors': 'attention',
  'profiles-mixed': 'attention',
  'log-not-replayed': 'attention',
  'error-flag': 'attention',
  'subvolumes-being-deleted': 'good',
};

/** What the volume says of itself: nothing is read but its trees; `verifyVolume` reads all. */
export function healthOf(
  volume: Volume,
  usage: VolumeUsage,
  facts: { readonly isMounted: boolean; readonly beingDeleted: number },
): Health {
  const notes = [
    ...chunkNotes(volume),
    ...usage.devices.flatMap(deviceNotes),
    ...mixedNotes(usage),
    ...superblockNotes(volume, facts.isMounted),
    ...deletionNotes(facts.beingDeleted),
  ];
  const worst = notes.reduce((rank, { code }) => Math.max(rank, RANK.indexOf(WEIGHT[code])), 0);
  return { state: RANK[worst]!, notes };
}

function chunkNotes(volume: Volume): HealthNote[] {
  const missing = missingDevices(volume);
  if (missing.length === 0) return [];
  const notes: HealthNote[] = [
    { code: 'device-missing', text: `Device ${missing.join(', ')} is missing.` },
  ];
  const { chunks } = volume;
  const lost = chunks.map.chunks.filter(({ logical, length, stripes }) => {
    // every stripe of the first row stands for a column; columns of one chunk fail alike
    const step = Math.min(length, 65_536);
    return stripes.some((_, i) => i * step < length && chunks.wayCount(logical + i * step) === 0);
  });
  if (lost.length > 0) {
    const bytes = lost.reduce((sum, { length }) => sum + length, 0);
    notes.push({
      code: 'unreadable-chunks',
      text: `${lost.length} chunks (${bytes} bytes) need what is missing and cannot be read.`,
    });
  }
  return notes;
}

function deviceNotes({ deviceId, path, isStale, errors }: DeviceUsage): HealthNote[] {
  const name = path ?? `device ${deviceId}`;
  const notes: HealthNote[] = [];
  if (isStale) {
    const text = `${name} was away while the others were written to: what it holds is old.`;
    notes.push({ code: 'device-stale', text });
  }
  const counted = Object.entries(errors).filter(([, count]) => count > 0);
  if (counted.length > 0) {
    const list = counted.map(([kind, count]) => `${count} ${kind}`).join(', ');
    notes.push({ code: 'device-errors', text: `${name} has had errors: ${list}.` });
  }
  return notes;
}

function mixedNotes({ groups }: VolumeUsage): HealthNote[] {
  return [...Map.groupBy(groups, ({ kind }) => kind)].flatMap(([kind, same]) => {
    if (same.length < 2) return [];
    const names = same.map(({ profile }) => profile).join(' and ');
    return [
      {
        code: 'profiles-mixed' as const,
        text: `Its ${kind} is ${names}: a conversion is not finished (btrfs balance).`,
      },
    ];
  });
}

function superblockNotes({ superblock }: Volume, isMounted: boolean): HealthNote[] {
  const notes: HealthNote[] = [];
  if (superblock.logRoot !== 0 && !isMounted) {
    notes.push({ code: 'log-not-replayed', text: LOG_WAITING });
  }
  if ((superblock.flags & ERROR_FLAG) !== 0n) {
    notes.push({ code: 'error-flag', text: 'The kernel has met an error on it.' });
  }
  return notes;
}

function deletionNotes(count: number): HealthNote[] {
  if (count === 0) return [];
  const text = `${count} deleted subvolumes are not yet freed.`;
  return [{ code: 'subvolumes-being-deleted', text }];
}
