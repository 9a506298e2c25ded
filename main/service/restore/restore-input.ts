import { conflict } from '../../../shared/errors.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { CheckedInput } from '../../../shared/contract/calls.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { RestoreInput } from '../../engine/verbs/restore.ts';
import { streamUuid } from '../../plan/parents.ts';
import type { Context } from '../context.ts';
import { findSubvolume } from '../handlers/snapshots.ts';

export interface RestoreRoute {
  readonly point: Subvolume;
  readonly volumeName: string;
  readonly input: RestoreInput;
}

/** @throws Conflict when the point, or the place to restore to, is not here */
export async function restoreInput(
  { point: ref, paths, destination, clash }: CheckedInput<'restore.start'>,
  context: Context,
): Promise<RestoreRoute> {
  const { known, subvolume: point } = await findSubvolume(ref, context);
  const clean = paths.map((path) => path.replace(/^\/+|\/+$/g, ''));
  const isOriginal = destination.kind !== 'folder';
  const folder =
    destination.kind === 'folder' ? destination.path : await originalFolder(point, context);
  if (!folder.startsWith('/')) throw notAbsolute(folder);
  const items = clean.map((from) => ({ from, to: isOriginal ? from : lastName(from, point) }));
  if (isOriginal && clean.includes('')) throw wholeInPlace();
  const beside = destination.kind === 'beside';
  const { subvolumeId } = point;
  const input = { volume: known.input, subvolumeId, items, folder, clash, beside };
  return { point, volumeName: known.volume.name, input };
}

function lastName(path: string, point: Subvolume): string {
  const whole = path === '' ? point.path : path;
  return whole.slice(whole.lastIndexOf('/') + 1);
}

/** Where the source subvolume can be written to now. @throws Conflict 'source-away' */
async function originalFolder(point: Subvolume, context: Context): Promise<string> {
  const { volumes, subvolumes } = await context.points.look();
  const uuid = streamUuid(point);
  const pointId = uuid && (context.history.sentWithout.get(uuid)?.pointId ?? uuid);
  const known = context.points.list(volumes).find((one) => one.pointId === pointId);
  const sourceUuid = known?.sourceUuid ?? point.parentUuid;
  const source = subvolumes.find(
    (one) => one.uuid === sourceUuid && !one.readOnly && one.mountedPath !== null,
  );
  if (sourceUuid !== null && source?.mountedPath) return source.mountedPath;
  throw conflict('source-away', 'The place where it came from is not here, or not mounted.', {
    hint: 'Restore it into a folder of your choice.',
  });
}

function notAbsolute(path: string): Error {
  return conflict('not-absolute', `"${printable(path)}" is not a full path.`, {
    hint: 'Name the folder from the top: /home/me/Restored.',
  });
}

function wholeInPlace(): Error {
  return conflict('whole-in-place', 'A whole snapshot is not restored over what is there now.', {
    hint: 'Restore it into a folder, or choose files and folders in it.',
  });
}
