import type { Drive } from '../../shared/model/drive.ts';

/** What came and went between two looks; a change of state alone leaves both empty. */
export interface DriveChange {
  readonly drives: readonly Drive[];
  readonly arrived: readonly Drive[];
  readonly left: readonly Drive[];
}

/** What is different from the look before; undefined when nothing is. */
export function changeBetween(
  before: readonly Drive[] | undefined,
  drives: readonly Drive[],
): DriveChange | undefined {
  if (!before || JSON.stringify(essence(before)) === JSON.stringify(essence(drives))) {
    return undefined;
  }
  return {
    drives,
    arrived: drives.filter(missingIn(before)),
    left: before.filter(missingIn(drives)),
  };
}

function missingIn(list: readonly Drive[]): (drive: Drive) => boolean {
  const isHere = ({ state }: Drive): boolean => state !== 'away';
  const ids = new Set(list.filter(isHere).map(({ driveId }) => driveId));
  return (drive) => isHere(drive) && !ids.has(drive.driveId);
}

/** What listeners are told of: not that time passes, nor each byte that is written. */
function essence(drives: readonly Drive[]): unknown {
  return drives.map((drive) => ({ ...drive, lastSeenAtMs: 0, freeBytes: 0 }));
}
