import { conflict } from '../../../shared/errors.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { PlanDraft, PlanSource } from '../../../shared/model/plan.ts';
import type { FilePlan, FileSource } from '../../plan/file/file-schema.ts';
import type { Context } from '../context.ts';

/** A plan of a file as it is kept: sources that it names by where they are mounted are found. */
export async function draftOf(plan: FilePlan, context: Context): Promise<PlanDraft> {
  const sources: PlanSource[] = [];
  for (const source of plan.sources) sources.push(await sourceOf(source, plan.name, context));
  return { ...plan, sources };
}

async function sourceOf(
  source: FileSource,
  planName: string,
  { volumes, points }: Context,
): Promise<PlanSource> {
  if (typeof source !== 'string') return source;
  const wanted = source.length > 1 ? source.replace(/\/+$/, '') : source;
  for (const known of await volumes.list()) {
    if (known.volume.kind !== 'mounted' || known.volume.problem) continue;
    const found = (await points.subvolumes(known)).find((one) => one.mountedPath === wanted);
    if (found) {
      const { volumeId, subvolumeId, path } = found;
      return { volumeId, subvolumeId, path, nested: false };
    }
  }
  throw conflict('source-unknown', `"${planName}": ${printable(source)} is no btrfs subvolume.`, {
    hint: 'List them with: dendro volumes, dendro snapshots --all',
    place: { path: printable(source) },
  });
}
