import { driveOfPlace } from '../../shared/model/plan-target.ts';
import type { Context } from './context.ts';

/** Nothing puts the drives of these places away while the work goes on; `null` is no drive. */
export async function usingDrives<T>(
  placeIds: readonly string[],
  { drives }: Pick<Context, 'drives'>,
  work: () => Promise<T>,
): Promise<T> {
  const driveIds = new Set(placeIds.flatMap((id) => driveOfPlace(id) ?? []));
  const ends: (() => Promise<void>)[] = [];
  try {
    for (const driveId of driveIds) ends.push(await drives.use(driveId));
    return await work();
  } finally {
    // The work is done: a drive that cannot be put away is told where it is released.
    for (const end of ends) await end().catch(() => undefined);
  }
}
