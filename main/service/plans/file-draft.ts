import { conflict, usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { PlanDraft, PlanSource } from '../../../shared/model/plan.ts';
import { reasonOf } from '../../../shared/model/reasons.ts';
import { PlanTargets, type PlanTarget } from '../../../shared/model/plan-target.ts';
import type { FilePlan, FileSource, FileTarget } from '../../plan/file/file-schema.ts';
import type { Context } from '../context.ts';

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
  for (const target of plan.targets) targets.push(await targetOf(target, plan.name, context));
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
  context: Context,
): Promise<PlanTarget> {
  if (target.kind === 'ssh' || target.path === undefined) return target as PlanTarget;
  const { path, ...rest } = target;
  const mounts = target.kind === 'btrfs' ? await volumeMounts(context) : await driveMounts(context);
  const found = within(path, mounts);
  if (!found) throw targetUnknown(planName, path);
  const { id, folder } = found;
  return rest.kind === 'btrfs'
    ? { ...rest, volumeId: id, folder }
    : { ...rest, driveId: id, folder };
}

interface MountPoint {
  readonly at: string;
  readonly id: string;
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

/** The mount that a path is on, and the rest of the path. */
export function within(
  path: string,
  mounts: readonly MountPoint[],
): { readonly id: string; readonly folder: string } | undefined {
  const [best] = mounts
    .filter(({ at }) => path === at || path.startsWith(at === '/' ? at : `${at}/`))
    .sort((a, b) => b.at.length - a.at.length);
  const folder = best && path.slice(best.at.length).replaceAll(/^\/+|\/+$/g, '');
  return best && { id: best.id, folder: folder! };
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
    const mounts = known.volume.mounts.map(({ path: at }) => ({ at, id: known.volume.volumeId }));
    if (within(wanted, mounts) === undefined) continue;
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
