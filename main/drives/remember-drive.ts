import type { DriveHistory } from '../history/drives.ts';
import type { OpenDrive } from './drive-mounts.ts';
import { markDrive } from './mark-drive.ts';
import type { HeldMount } from './mount-guard.ts';

/** Notes a drive that is mounted for a run; one that is used for the first time gets its marker. */
export function rememberDrive(
  { found, isOurs, mountPath }: OpenDrive,
  held: HeldMount,
  name: string,
  history: DriveHistory,
  nowMs: number,
): void {
  const record = history.get(found.driveId);
  const markerId = record?.markerId ?? markDrive(held, name, nowMs);
  const { driveId, luks, filesystem, label, sizeBytes, disk } = found;
  history.note(
    {
      driveId,
      name,
      markerId,
      luksUuid: luks?.uuid ?? null,
      passphrase: record?.passphrase ?? 'ask',
      filesystem,
      label,
      sizeBytes,
      disk,
      addedAtMs: record?.addedAtMs ?? nowMs,
      mountedPath: isOurs ? mountPath : null,
    },
    nowMs,
  );
}
