import type { Drive } from '../../shared/model/drive.ts';
import { driveOf, hostOf, type PlanTarget } from '../../shared/model/plan-target.ts';
import type { Volume } from '../../shared/model/volume.ts';
import { isOffered } from './offered.ts';

/** What this computer knows of places that backups can go to. */
export interface Places {
  readonly volumes: readonly Volume[];
  readonly drives: readonly Drive[];
}

/** What to call a target: the drive's or the computer's name; null when nobody knows its drive. */
export function targetName(
  target: PlanTarget | undefined,
  { volumes, drives }: Places,
): string | null {
  if (target?.kind === 'ssh') return hostOf(target);
  const id = target && driveOf(target);
  const volume = volumes.find(({ volumeId }) => volumeId === id);
  return volume?.name ?? drives.find(({ driveId }) => driveId === id)?.name ?? null;
}

export interface PlaceChoice {
  readonly value: string;
  readonly label: string;
}

/** Where a plan can send btrfs to: writable volumes that are here, and known drives of btrfs. */
export function btrfsChoices({ volumes, drives }: Places, own: ReadonlySet<string>): PlaceChoice[] {
  const here = volumes
    .filter((volume) => volume.canReceive && !own.has(volume.volumeId))
    .map(({ volumeId, name }) => ({ value: volumeId, label: name }));
  const known = drives
    .filter(
      (drive) => drive.filesystem === 'btrfs' && canBeTarget(drive) && !own.has(drive.driveId),
    )
    .filter((drive) => !here.some(({ value }) => value === drive.driveId))
    .map(({ driveId, name }) => ({ value: driveId, label: name }));
  return [...here, ...known];
}

/** Where stream files can go: drives with any filesystem that the system does not live on. */
export function archiveChoices({ drives }: Places): PlaceChoice[] {
  return drives
    .filter((drive) => drive.state !== 'blank' && canBeTarget(drive))
    .map(({ driveId, name }) => ({ value: driveId, label: name }));
}

function canBeTarget(drive: Drive): boolean {
  return !drive.system && isOffered(drive);
}
