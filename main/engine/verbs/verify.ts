import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import type { DamageModel, VerifyReport } from '../../../shared/model/space.ts';
import type { VerbContext } from '../context.ts';
import { verifySubvolume, verifyVolume } from '../inspect/index.ts';
import { volumeFor, type VolumeInput } from '../open-volumes.ts';
import { openSubvolume } from '../tree/index.ts';
import type { Damage } from '../volume/index.ts';

export interface VerifyInput {
  readonly volume: VolumeInput;
  /** Null: the whole volume. */
  readonly subvolumeId: number | null;
}

/** Holds everything against checksums, in every copy. */
export function verify(
  { volume: input, subvolumeId }: VerifyInput,
  { cancel, progress }: VerbContext,
): VerifyReport {
  const volume = volumeFor(input, cancel);
  const totalBytes = subvolumeId === null ? volume.superblock.bytesUsed : null;
  const onProgress = (done: { blocks: number; dataBytes: number }): void => {
    const bytes = done.dataBytes + done.blocks * volume.nodeSize;
    progress({ step: 'verify', bytes, totalBytes, files: 0, totalFiles: null, current: '' });
  };
  const report =
    subvolumeId === null
      ? verifyVolume(volume, { onProgress })
      : verifySubvolume(openSubvolume(volume, subvolumeId), { onProgress });
  return {
    ...report,
    damages: report.damages.map(plainDamage),
    missingDevices: [...report.missingDevices],
  };
}

export function plainDamage({ path, ...damage }: Damage): DamageModel {
  return { ...damage, ...(path && { path: textFromBytes(path) }) };
}
