import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { conflict, denied, ioError } from '../../../shared/errors.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Imported } from '../../../shared/model/imported.ts';
import { PlanDraft, type Timing } from '../../../shared/model/plan.ts';
import type { PlanTarget } from '../../../shared/model/plan-target.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import { importBtrbk } from '../../other-tools/btrbk-config.ts';
import type { ImportedPlan, ImportedTarget } from '../../other-tools/imported-plan.ts';
import { importSnapper } from '../../other-tools/snapper-config.ts';
import type { Context } from '../context.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';

const BTRBK = '/etc/btrbk/btrbk.conf';
const SNAPPER = '/etc/snapper/configs';

interface Here {
  readonly volumes: readonly KnownVolume[];
  readonly subvolumes: readonly Subvolume[];
}

/**
 * Plans as another tool's configuration has them, for the subvolumes and drives that are here.
 * What is not mounted now is left out with a note.
 *
 * @throws Conflict 'not-found', Denied, Usage 'import-bad-line'
 */
export async function importPlans(
  tool: 'btrbk' | 'snapper',
  path: string | undefined,
  { points }: Context,
): Promise<Imported> {
  const read = tool === 'btrbk' ? [importBtrbk(text(path ?? BTRBK))] : snapperConfigs(path);
  const here = await points.look();
  const notes = read.flatMap((one) => one.notes);
  const drafts = read
    .flatMap(({ plans }) => plans)
    .flatMap((plan) => {
      const draft = draftOf(plan, here, notes);
      return draft ? [draft] : [];
    });
  return { drafts, notes };
}

function snapperConfigs(path: string | undefined) {
  const files =
    path === undefined
      ? (existsSync(SNAPPER) ? readdirSync(SNAPPER) : []).map((name) => `${SNAPPER}/${name}`)
      : [path];
  if (files.length === 0) throw notFound(SNAPPER);
  return files.map((file) => importSnapper(basename(file), text(file)));
}

function draftOf(plan: ImportedPlan, here: Here, notes: string[]): PlanDraft | undefined {
  const sources = plan.sources.flatMap((path) => {
    const found = here.subvolumes.find((one) => one.mountedPath === path);
    if (!found) notes.push(`"${plan.name}": ${printable(path)} is no mounted subvolume; left out.`);
    return found ? [found] : [];
  });
  if (sources.length === 0) return undefined;
  return PlanDraft.parse({
    name: plan.name,
    // A person looks at it first, and switches the other tool off.
    enabled: false,
    sources: sources.map(({ volumeId, subvolumeId, path }) => ({ volumeId, subvolumeId, path })),
    when: timing(plan),
    keepLocal: plan.keepLocal,
    targets: plan.targets.flatMap((target) => targetOf(target, plan, here, notes) ?? []),
  });
}

function timing({ timing }: ImportedPlan): Timing[] {
  switch (timing) {
    case 'hour':
      return [{ every: 'hour', minute: 0 }];
    case 'day':
      return [{ every: 'day', hour: 0, minute: 0 }];
    case 'never':
      return [];
  }
}

function targetOf(
  target: ImportedTarget,
  { name }: ImportedPlan,
  { volumes }: Here,
  notes: string[],
): PlanTarget | undefined {
  const { kind, path } = target;
  if (kind !== 'folder') {
    const what = kind === 'ssh' ? 'another computer' : 'stream files';
    notes.push(`"${name}": plans do not send to ${what} yet: ${printable(path)} is left out.`);
    return undefined;
  }
  const mounts = volumes.flatMap(({ volume }) =>
    volume.mounts.map((mount) => ({ at: mount.path, id: volume.volumeId })),
  );
  const place = within(path, mounts);
  if (place) return { kind: 'btrfs', volumeId: place.id, folder: place.folder, keep: target.keep };
  notes.push(`"${name}": ${printable(path)} is on no drive that is mounted now; left out.`);
  return undefined;
}

/** The mount that a path is on (not the root filesystem's), and the rest of the path. */
function within(path: string, mounts: readonly { at: string; id: string }[]) {
  const [best] = mounts
    .filter(({ at }) => at !== '/' && (path === at || path.startsWith(`${at}/`)))
    .sort((a, b) => b.at.length - a.at.length);
  return best && { id: best.id, folder: path.slice(best.at.length + 1) };
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw notFound(path);
    const details = { place: { path }, cause: error };
    if (code === 'EACCES') {
      throw denied('permission-denied', `"${printable(path)}" may not be read.`, details);
    }
    throw ioError('import-unreadable', `"${printable(path)}" cannot be read: ${code}.`, details);
  }
}

function notFound(path: string): Error {
  return conflict('not-found', `There is no configuration at ${printable(path)}.`, {
    hint: 'Name the file.',
    place: { path },
  });
}
