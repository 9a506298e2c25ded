import { rmdirSync, rmSync } from 'node:fs';
import { counted, noted, say, type Note } from '../../../../shared/said.ts';
import { bytesFromText } from '../../../../shared/model/bytes-text.ts';
import type { Retention } from '../../../../shared/model/retention.ts';
import type { Subvolume } from '../../../../shared/model/subvolume.ts';
import { foreignSnapshot } from '../../../other-tools/layouts.ts';
import { missingBytes, yielding } from '../../../plan/pressure.ts';
import { keptByAny, retain } from '../../../plan/retention.ts';
import type { Context } from '../../context.ts';
import { isSnapshotName } from '../../backup/snapshot-name.ts';
import { deleteSnapshot } from '../../handlers/snapshots.ts';
import { joined, writablePathOf } from '../../volumes/mounted-path.ts';
import type { KnownVolume } from '../../volumes/volume-book.ts';
import { folderOf } from '../pins/note-pin.ts';
import { deleteEach, rulesOf, type Pruned } from './prune-each.ts';
import type { RunHandle } from '../../../runs/runs.ts';
import { olderOn } from '../../../runs/titles.ts';

/** One copy of a point, with what retention needs to know of it. */
interface Copy {
  readonly takenAtMs: number;
  readonly pins: readonly string[];
  readonly subvolume: Subvolume;
}

/** A volume with points, and what to keep of them there. */
export interface PrunedPlace {
  readonly volumeId: string;
  readonly keep: Retention;
  /** Where the plan sends to, below where the volume is mounted; null: this computer. */
  readonly folder: string | null;
}

/** Points on a btrfs volume that is here; of one that is away nothing is known to go. */
export async function pruneVolume(
  { volumeId, keep: rule, folder }: PrunedPlace,
  pruned: Pruned,
  context: Context,
): Promise<boolean> {
  const known = pruned.volumes.find(({ volume }) => volume.volumeId === volumeId);
  if (!known) return false;
  const copies = copiesOn(known, folder, pruned, context);
  const verdicts = keptByAny(rulesOf(rule, volumeId, pruned), (one) =>
    retain(copies, one, context.nowMs()),
  );
  const going = verdicts.filter(({ keep }) => !keep).map(({ point }) => point);
  const candidates = yielding(verdicts).map(({ point }) => point);
  const forRoom = await makeRoom(known, rule, going, candidates, context);
  if (going.length + forRoom.length === 0) return false;
  return deleteAll(known, going, forRoom, pruned, context);
}

function copiesOn(
  { volume }: KnownVolume,
  folder: string | null,
  { plan, points, subvolumes, pins }: Pruned,
  { history }: Context,
): Copy[] {
  const { volumeId } = volume;
  const { snapshotFolder } = history.settings.get();
  const targets = folder === null ? [] : volume.mounts.map((mount) => within(mount, folder));
  const isOurs = ({ path, receivedUuid }: Subvolume, place: string, isSent: boolean): boolean => {
    // What people made themselves stays, also when they had it backed up.
    if (place === 'local') return path.split('/').includes(snapshotFolder);
    // Of what was sent before the history was lost it says nothing.
    const isInTarget = targets.includes(folderOf(`/${path}`)) && isSnapshotName(nameOf(path));
    return isSent || (receivedUuid !== null && isInTarget);
  };
  return points.flatMap(({ pointId, takenAtMs, copies, backup }) => {
    const copy = copies.find((one) => one.volumeId === volumeId);
    const subvolume = subvolumes.find(
      (one) => one.volumeId === volumeId && one.subvolumeId === copy?.subvolumeId,
    );
    if (!copy || !subvolume?.readOnly) return [];
    const isAdopted = plan.draft.options.adoptOthers && foreignSnapshot(subvolume.path);
    if (!isOurs(subvolume, copy.place, backup !== null) && !isAdopted) return [];
    return [{ takenAtMs, subvolume, pins: pins.get(pointId) ?? [] }];
  });
}

/** A folder's path from the top level, with a slash before it; '/' is the top level. */
function within({ subvolume }: KnownVolume['volume']['mounts'][number], folder: string): string {
  return `/${[subvolume.replace(/^\//, ''), folder].filter(Boolean).join('/')}`;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** As many of the candidates as must go so that the wanted part of the volume is free. */
async function makeRoom(
  { volume, input }: KnownVolume,
  rule: Retention,
  going: readonly Copy[],
  candidates: readonly Copy[],
  { withEngine }: Context,
): Promise<readonly Copy[]> {
  const neededBytes = missingBytes(rule, volume.freeBytes, volume.sizeBytes);
  if (neededBytes === 0 || candidates.length === 0) return [];
  const idsOf = (copies: readonly Copy[]): number[] =>
    copies.map(({ subvolume }) => subvolume.subvolumeId);
  const asked = {
    ...{ volume: input, neededBytes },
    ...{ going: idsOf(going), candidates: idsOf(candidates) },
  };
  const { count } = await withEngine((engine) => engine.run('howManyToFree', asked));
  return candidates.slice(0, count);
}

async function deleteAll(
  known: KnownVolume,
  going: readonly Copy[],
  forRoom: readonly Copy[],
  { plan, sourceVolumeId, isFull }: Pruned,
  context: Context,
): Promise<boolean> {
  const { name, volumeId } = known.volume;
  const copies = [...going, ...forRoom];
  const { runId } = context.runs.start(
    {
      kind: 'prune',
      title: olderOn(name),
      steps: ['delete'],
      source: null,
      planId: plan.planId,
      commandLine: '',
    },
    async (run) => {
      run.step('delete');
      if (forRoom.length > 0) run.note(roomSentence(forRoom.length, volumeId === sourceVolumeId));
      const pathOf = ({ subvolume }: Copy): string => subvolume.path;
      try {
        await deleteEach(copies, run, pathOf, async ({ subvolume }) => {
          await deleteSnapshot(known, subvolume, context);
          tidyAfter(known, subvolume);
        });
      } finally {
        context.hub.emit('volumes.changed', {});
      }
      if (isFull) await freed(known, copies, run, context);
      return { result: null, detail: noted('deleted', say`${{ count: copies.length }} deleted`) };
    },
  );
  return (await context.runs.ended(runId)).error === null;
}

async function freed(
  { volume }: KnownVolume,
  copies: readonly Copy[],
  { cancel }: RunHandle,
  { withEngine }: Context,
): Promise<void> {
  const path = writablePathOf(volume, '');
  const subvolumeIds = copies.map(({ subvolume }) => subvolume.subvolumeId);
  if (path === null) return;
  await withEngine((engine) => engine.run('waitUntilFreed', { path, subvolumeIds }, { cancel }));
}

export function roomSentence(count: number, isHere: boolean): Note {
  const which = counted(count, 'point goes before its', 'points go before their');
  const where = isHere ? 'on this volume' : 'there';
  return noted(
    isHere ? 'for-room-here' : 'for-room-there',
    say`${{ count }} ${which} time: too little room is left ${where}.`,
  );
}

/** What Snapper noted of a snapshot that is gone would be a snapshot without files to it. */
function tidyAfter({ volume }: KnownVolume, { path }: Subvolume): void {
  const foreign = foreignSnapshot(path);
  const folder = writablePathOf(volume, path.slice(0, path.lastIndexOf('/')));
  if (foreign?.tool !== 'snapper' || folder === null) return;
  const bytes = (text: string): Buffer => Buffer.from(bytesFromText(text));
  rmSync(bytes(joined(folder, 'info.xml')), { force: true });
  try {
    rmdirSync(bytes(folder));
  } catch {
    // Something else lies there: it stays.
  }
}
