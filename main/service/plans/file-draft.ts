import { existsSync } from 'node:fs';
import { conflict, usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import type { PlanDraft, PlanSource } from '../../../shared/model/plan.ts';
import { reasonOf } from '../../../shared/model/reasons.ts';
import { PlanTargets, type PlanTarget } from '../../../shared/model/plan-target.ts';
import type { FilePlan, FileSource, FileTarget } from '../../plan/file/file-schema.ts';
import type { Context } from '../context.ts';
import { isAtOrBelow, placeAtPath, type MountPoint } from './place-at-path.ts';

/**
 * A plan of a file as it is kept: sources and targets that it names by where they are mounted
 * are found.
 *
 * @throws Conflict 'source-unknown', 'target-unknown'; Usage 'bad-plan'
 */
export async function draftOf(plan: FilePlan, context: Context): Promise<PlanDraft> {
  const sources: PlanSource[] = [];
  for (const source of plan.sources) sources.push(await sourceOf(source, plan.name, context));
  const targets: PlanTarget[] = [];
  const sourceIds = new Set(sources.map(({ volumeId }) => volumeId));
  for (const target of plan.targets)
    targets.push(await targetOf(target, plan.name, sourceIds, context));
  const checked = PlanTargets.safeParse(targets);
  if (checked.success) return { ...plan, sources, targets: checked.data };
  throw usage(
    'bad-plan',
    say`"${{ name: plan.name }}": ${{ reason: reasonOf(checked.error.issues[0]!) }}.`,
  );
}

async function targetOf(
  target: FileTarget,
  planName: string,
  sourceIds: ReadonlySet<string>,
  context: Context,
): Promise<PlanTarget> {
  if (target.kind === 'ssh' || target.path === undefined) return target as PlanTarget;
  const { path, ...rest } = target;
  const mounts = target.kind === 'btrfs' ? await volumeMounts(context) : await driveMounts(context);
  const found = placeAtPath(path, mounts);
  if (!found) throw targetUnknown(planName, path);
  const { at, id, folder } = found;
  // A drive that is not mounted leaves an empty folder on the disk that it would be seen at: the
  // backups would go there, and be lost together with what they are of.
  if (sourceIds.size === 1 && sourceIds.has(id)) throw targetOnSource(planName, path);
  if (at === '/' && !existsSync(Buffer.from(bytesFromText(path))))
    throw targetUnknown(planName, path);
  return rest.kind === 'btrfs'
    ? { ...rest, volumeId: id, folder }
    : { ...rest, driveId: id, folder };
}

async function volumeMounts({ volumes }: Context): Promise<MountPoint[]> {
  return (await volumes.list()).flatMap(({ volume }) =>
    volume.mounts.map(({ path }) => ({ at: path, id: volume.volumeId })),
  );
}

async function driveMounts({ drives }: Context): Promise<MountPoint[]> {
  return (await drives.list()).flatMap(({ driveId, mounts }) =>
    mounts.map((at) => ({ at, id: driveId })),
  );
}

function targetOnSource(onSource: string, path: string): Error {
  return conflict(
    'target-unknown',
    say`"${{ onSource }}": ${{ path: printable(path) }} is on the volume that is backed up.`,
    {
      hint: 'Is its drive mounted? A backup on the same disk is lost with it: plug the drive in and mount it, or name it by its id: dendro drives',
      place: { path: printable(path) },
    },
  );
}

function targetUnknown(planName: string, path: string): Error {
  return conflict(
    'target-unknown',
    say`"${{ planName }}": ${{ path: printable(path) }} is on no drive that is here.`,
    {
      hint: 'Plug the drive in and mount it, or name it by its id: dendro drives',
      place: { path: printable(path) },
    },
  );
}

async function sourceOf(
  source: FileSource,
  planName: string,
  { volumes, points }: Context,
): Promise<PlanSource> {
  if (typeof source !== 'string' && 'volumeId' in source) return source;
  const { path: given, nested } =
    typeof source === 'string' ? { path: source, nested: false } : source;
  const wanted = given.length > 1 ? given.replace(/\/+$/, '') : given;
  for (const known of await volumes.list()) {
    if (known.volume.kind !== 'mounted' || known.volume.problem) continue;
    // Another volume is nobody's business here: it may go away while it is looked at.
    if (!known.volume.mounts.some(({ path: at }) => isAtOrBelow(wanted, at))) continue;
    const found = (await points.subvolumes(known)).find((one) => one.mountedPath === wanted);
    if (found) {
      const { volumeId, subvolumeId, path } = found;
      return { volumeId, subvolumeId, path, nested };
    }
  }
  throw conflict(
    'source-unknown',
    say`"${{ planName }}": ${{ given: printable(given) }} is no btrfs subvolume.`,
    {
      hint: 'List them with: dendro volumes, dendro snapshots VOLUME',
      place: { path: printable(given) },
    },
  );
}
