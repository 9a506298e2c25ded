import type { Drive } from '../../shared/model/drive.ts';
import type { Volume } from '../../shared/model/volume.ts';

/** A drive, the btrfs volume on it, or both: what the page of drives shows one of. */
export interface Storage {
  readonly id: string;
  readonly name: string;
  readonly drive: Drive | null;
  readonly volume: Volume | null;
}

export interface StorageGroups {
  /** The system's own, and drives that a person gave to Dendro, here or away. */
  readonly known: readonly Storage[];
  /** Plugged in, and not used yet. */
  readonly here: readonly Storage[];
  /** Images and devices that were opened by path. */
  readonly other: readonly Storage[];
}

/** Every place that data can be on, each once: a volume of btrfs is told with its drive. */
export function storagesOf(drives: readonly Drive[], volumes: readonly Volume[]): StorageGroups {
  const volumeOf = new Map(volumes.map((volume) => [volume.fsid ?? volume.volumeId, volume]));
  const withDrive = drives.map((drive): Storage => {
    const volume = volumeOf.get(drive.driveId) ?? null;
    // A plan or a link names a volume of btrfs by its own id.
    return { id: volume?.volumeId ?? drive.driveId, name: drive.name, drive, volume };
  });
  const told = new Set(withDrive.map(({ volume }) => volume));
  const alone = volumes
    .filter((volume) => !told.has(volume))
    .map((volume): Storage => ({ id: volume.volumeId, name: volume.name, drive: null, volume }));
  const isKnown = ({ drive, volume }: Storage): boolean =>
    drive ? drive.known || drive.system || drive.state === 'mounted' : volume?.kind === 'mounted';
  const all = [...withDrive, ...alone];
  return {
    known: all.filter(isKnown),
    here: all.filter((one) => !isKnown(one) && one.drive !== null),
    other: all.filter((one) => !isKnown(one) && one.drive === null),
  };
}
