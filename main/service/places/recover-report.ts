import type { PointPlace } from '../../../shared/model/place.ts';
import type { RecoverReport } from '../../../shared/model/recover.ts';
import type { LookAround, PlacedHolder } from '../../places/recover/look-around.ts';
import type { PlaceInput } from '../../places/open-place.ts';
import type { Context } from '../context.ts';

/**
 * The look as the page gets it: volumes that were found become volumes that other calls know, so
 * that their points can be listed and restored by them.
 */
export async function recoverReport(look: LookAround, context: Context): Promise<RecoverReport> {
  const ids = await Promise.all(look.holders.map((holder) => volumeIdOf(holder, context)));
  return {
    path: look.path,
    isCut: look.isCut,
    holders: look.holders.map((holder, i) => {
      const { kind, path, name, isEncrypted, problem, canRescue, notes } = holder;
      const facts = { kind, path, name, isEncrypted, problem, canRescue, notes };
      return { ...facts, volumeId: ids[i]! };
    }),
    points: look.points.map(({ input, ...point }) => ({
      ...point,
      place: input === null ? null : placeOf(input, ids[point.holder]!),
    })),
  };
}

/** Of a mounted or connected one, its own id; an image is remembered by its path. */
async function volumeIdOf(
  { volume, path, problem }: PlacedHolder,
  { volumes, history, nowMs, hub }: Context,
): Promise<string | null> {
  if (volume === null || problem !== null) return null;
  const known = (await volumes.list()).find(({ input }) =>
    input.devices.some((device) => volume.devices.includes(device)),
  );
  if (known) return known.volume.volumeId;
  const opened = await volumes.open(path);
  history.points.volumeSeen(opened.volume.volumeId, opened.volume.name, nowMs(), path);
  hub.emit('volumes.changed', {});
  return opened.volume.volumeId;
}

function placeOf(input: PlaceInput, volumeId: string | null): PointPlace | null {
  if (input.kind === 'folder') return input;
  if (input.kind === 'archive') {
    const { kind, folder, point } = input;
    return { kind, folder, point };
  }
  const { subvolumeId } = input;
  return volumeId === null ? null : { kind: 'snapshot', volumeId, subvolumeId };
}
