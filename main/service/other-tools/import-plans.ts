import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { conflict, denied, ioError } from '../../../shared/errors.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Imported } from '../../../shared/model/imported.ts';
import { PlanDraft, type Timing } from '../../../shared/model/plan.ts';
import { PlanTarget, targetKey } from '../../../shared/model/plan-target.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import { importBtrbk } from '../../other-tools/btrbk-config.ts';
import type { ImportedPlan, ImportedTarget } from '../../other-tools/imported-plan.ts';
import { importSnapper } from '../../other-tools/snapper-config.ts';
import type { Drive } from '../../../shared/model/drive.ts';
import type { Context } from '../context.ts';
import { placeAtPath } from '../plans/place-at-path.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';

const BTRBK = '/etc/btrbk/btrbk.conf';
const SNAPPER = '/etc/snapper/configs';

interface Here {
  readonly volumes: readonly KnownVolume[];
  readonly subvolumes: readonly Subvolume[];
  readonly drives: readonly Drive[];
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
  { points, drives }: Context,
): Promise<Imported> {
  const read = tool === 'btrbk' ? [importBtrbk(text(path ?? BTRBK))] : snapperConfigs(path);
  const here = { ...(await points.look()), drives: await drives.list() };
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

function draftOf(plan: ImportedPlan, here: Here, notes: Note[]): PlanDraft | undefined {
  const sources = plan.sources.flatMap((path) => {
    const found = here.subvolumes.find((one) => one.mountedPath === path);
    if (!found)
      notes.push(
        noted(
          'import-no-subvolume',
          say`"${{ name: plan.name }}": ${{ path: printable(path) }} is no mounted subvolume; left out.`,
        ),
      );
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
    targets: distinct(plan.targets.flatMap((target) => targetOf(target, plan, here, notes) ?? [])),
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
  { volumes, drives }: Here,
  notes: Note[],
): PlanTarget | undefined {
  const { kind, path, keep } = target;
  const at = say`"${{ name }}": ${{ path: printable(path) }}`;
  if (kind === 'ssh-files') {
    notes.push(
      noted('import-far-files', say`${at} holds stream files of another computer; left out.`),
    );
    return undefined;
  }
  if (kind === 'ssh') {
    const parsed = PlanTarget.safeParse({ kind, url: path, keep });
    if (!parsed.success)
      notes.push(noted('import-no-address', say`${at} is no address that plans know; left out.`));
    return parsed.data;
  }
  const mounts =
    kind === 'folder'
      ? volumes.flatMap(({ volume }) =>
          volume.mounts.map((mount) => ({ at: mount.path, id: volume.volumeId })),
        )
      : drives.flatMap(({ driveId, mounts: at }) => at.map((one) => ({ at: one, id: driveId })));
  // Not the root filesystem: a drive that is not mounted leaves an empty folder on it.
  const place = placeAtPath(
    path,
    mounts.filter(({ at }) => at !== '/'),
  );
  if (!place) {
    notes.push(noted('import-no-drive', say`${at} is on no drive that is mounted now; left out.`));
    return undefined;
  }
  const { id, folder } = place;
  if (kind === 'folder') return { kind: 'btrfs', volumeId: id, folder, keep };
  notes.push(
    noted(
      'import-into-dendro',
      say`"${{ name }}": stream files go into "dendro" below ${{ path: printable(path) }}.`,
    ),
  );
  const inside = [folder, 'dendro'].filter(Boolean).join('/');
  return PlanTarget.parse({ kind: 'archive', driveId: id, folder: inside, keep });
}

function distinct(targets: readonly PlanTarget[]): PlanTarget[] {
  return [...new Map(targets.map((target) => [targetKey(target), target])).values()];
}

function text(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') throw notFound(path);
    const details = { place: { path }, cause: error };
    if (code === 'EACCES') {
      throw denied(
        'permission-denied',
        say`"${{ path: printable(path) }}" may not be read.`,
        details,
      );
    }
    throw ioError(
      'import-unreadable',
      say`"${{ path: printable(path) }}" cannot be read: ${{ code }}.`,
      details,
    );
  }
}

function notFound(path: string): Error {
  return conflict('not-found', say`There is no configuration at ${{ path: printable(path) }}.`, {
    hint: 'Name the file.',
    place: { path },
  });
}
