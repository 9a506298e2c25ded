import type { CheckedInput } from '../../../shared/contract/calls.ts';
import { conflict } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { isVolume } from '../../../shared/model/plan-target.ts';
import type { Engine } from '../../engine/engine.ts';
import type { RestorePlan, RestoreSummary } from '../../engine/verbs/restore.ts';
import { archivedText, restoreCommand } from '../command-line.ts';
import type { Context } from '../context.ts';
import { findSubvolume } from '../handlers/snapshots.ts';
import { archivedCopy } from '../places/copy-place.ts';
import { sourceOfPoint } from '../points/source-of-point.ts';

export type RestoreRequest = CheckedInput<'restore.start'>;
type RunOptions = Parameters<Engine['run']>[2];

/** How a request is carried out, wherever the copy lies that it is restored from. */
export interface RestoreRoute {
  /** What a person would type for it. */
  readonly commandLine: string;
  readonly folder: string;
  plan(engine: Engine, options?: RunOptions): Promise<RestorePlan>;
  restore(engine: Engine, options?: RunOptions): Promise<RestoreSummary>;
}

/** @throws Conflict when the copy, or the place to restore to, is not here */
export function restoreRoute(request: RestoreRequest, context: Context): Promise<RestoreRoute> {
  const paths = request.paths.map((path) => path.replace(/^\/+|\/+$/g, ''));
  if (request.destination.kind !== 'folder' && paths.includes('')) throw wholeInPlace();
  const clean = { ...request, paths };
  return isVolume(request.point.volumeId)
    ? snapshotRoute(clean, context)
    : archiveRoute(clean, context);
}

async function snapshotRoute(request: RestoreRequest, context: Context): Promise<RestoreRoute> {
  const { known, subvolume } = await findSubvolume(request.point, context);
  const { destination, clash } = request;
  const source = (): string | null => sourceOfPoint(subvolume, context.history);
  const folder = await folderOf(request, source, context);
  const at = { volume: known.input, subvolumeId: subvolume.subvolumeId };
  const place = { kind: 'snapshot' as const, ...at };
  const input = {
    ...{ ...at, folder, clash },
    items: itemsOf(request, subvolume.path),
    beside: destination.kind === 'beside',
  };
  return {
    folder,
    commandLine: restoreCommand(
      input,
      destination.kind,
      (path) => `${known.input.devices[0]!}:/${[subvolume.path, path].filter(Boolean).join('/')}`,
    ),
    plan: (engine, options) => engine.run('planRestore', input, options),
    restore: (engine, options) => engine.run('restorePlace', { place, ...input }, options),
  };
}

async function archiveRoute(request: RestoreRequest, context: Context): Promise<RestoreRoute> {
  const { place, facts } = await archivedCopy(request.point, context);
  const { destination, clash } = request;
  const folder = await folderOf(request, () => facts.sourceUuid, context);
  const items = itemsOf(request, facts.name);
  const input = { place, items, folder, clash, beside: destination.kind === 'beside' };
  return {
    folder,
    commandLine: restoreCommand(input, destination.kind, (path) => archivedText(place, path)),
    plan: (engine, options) => engine.run('planPlaceRestore', input, options),
    restore: (engine, options) => engine.run('restorePlace', input, options),
  };
}

function itemsOf({ paths, destination }: RestoreRequest, whole: string) {
  const lastName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  return paths.map((from) => ({
    from,
    to: destination.kind === 'folder' ? lastName(from === '' ? whole : from) : from,
  }));
}

/** @throws Conflict 'source-away', 'not-absolute' */
async function folderOf(
  { destination }: RestoreRequest,
  sourceUuid: () => string | null,
  context: Context,
): Promise<string> {
  if (destination.kind === 'folder') {
    if (destination.path.startsWith('/')) return destination.path;
    throw notAbsolute(destination.path);
  }
  const { subvolumes } = await context.points.look();
  const wanted = sourceUuid();
  const source = subvolumes.find(
    (one) => one.uuid === wanted && !one.readOnly && one.mountedPath !== null,
  );
  if (wanted !== null && source?.mountedPath) return source.mountedPath;
  throw conflict('source-away', 'The place where it came from is not here, or not mounted.', {
    hint: 'Restore it into a folder of your choice.',
  });
}

function notAbsolute(path: string): Error {
  return conflict('not-absolute', say`"${{ path: printable(path) }}" is not a full path.`, {
    hint: 'Name the folder from the top: /home/me/Restored.',
  });
}

function wholeInPlace(): Error {
  return conflict('whole-in-place', 'A whole snapshot is not restored over what is there now.', {
    hint: 'Restore it into a folder, or choose files and folders in it.',
  });
}
