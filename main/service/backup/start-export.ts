import { conflict } from '../../../shared/errors.ts';
import { noted, say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { ExportPlan, ExportRequest } from '../../../shared/model/backup.ts';
import { ArchiveTarget, type TargetOf } from '../../../shared/model/plan-target.ts';
import type { Drive } from '../../../shared/model/drive.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import { streamUuid } from '../../plan/parents.ts';
import type { RunHandle } from '../../runs/runs.ts';
import { shell } from '../command-line.ts';
import type { Context } from '../context.ts';
import { deleteSnapshot, findSubvolume } from '../handlers/snapshots.ts';
import { heavyOn } from '../heavy-on.ts';
import { archiveFolder } from '../plans/targets/archive-folder.ts';
import { exporting } from '../plans/targets/export-one.ts';
import { sourceOfPoint } from '../points/source-of-point.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';
import { makeSnapshot } from './make-snapshot.ts';
import { IN_FULL, sizesOf, type Way } from './plan-backup.ts';
import { sourceIsTarget } from './source-is-target.ts';
import { sourceTitle } from './title.ts';
import { toPlace } from '../../runs/titles.ts';

/**
 * How much an export would write at most; a writable source as it is now. Nothing is mounted:
 * what a drive that is not mounted holds already is not known, and all is counted.
 *
 * @throws Conflict 'drive-away', 'drive-is-system', 'source-is-target'
 */
export async function planExport(request: ExportRequest, context: Context): Promise<ExportPlan> {
  const { source, excludes } = request;
  const drive = await targetDrive(request, context);
  const { known, subvolume, subvolumes } = await findSubvolume(source, context);
  const [mountPath] = drive.mounts;
  const target = targetOf(request);
  const folder = mountPath === undefined ? null : archiveFolder(target, { mountPath });
  const parent =
    folder === null ? undefined : await parentIn(folder, subvolume, subvolumes, context);
  const way: Way = parent ? { parent, parentExcludes: excludes } : IN_FULL;
  const [size] = await sizesOf({ from: known, snapshot: subvolume, excludes }, [way], context);
  return {
    files: size!.files,
    bytes: size!.bytes,
    upon: parent ? printable(parent.path) : null,
    uponTakenAtMs: parent?.createdAtMs ?? null,
    folder,
    targetFreeBytes: drive.freeBytes,
    commandLine: commandFor(request, folder, subvolume),
  };
}

/** Mounts the drive if need be, snapshots, exports, looks that it is there: a run. */
export async function startExport(request: ExportRequest, context: Context): Promise<Run> {
  const { source, driveId, excludes } = request;
  const drive = await targetDrive(request, context);
  const title = toPlace(await sourceTitle(source, context), drive.name);
  const devices = await heavyOn([source.volumeId, driveId], context);
  const target = targetOf(request);
  return context.runs.start(
    {
      kind: 'backup',
      title,
      steps: ['snapshot', 'export', 'check'],
      source,
      commandLine: '',
      request: { call: 'backup.export', input: request },
      devices,
    },
    async (run) => {
      const { known, subvolume } = await findSubvolume(source, context);
      const lease = await context.drives.mountFor(driveId, { mayMount: true, afterRun: 'leave' });
      try {
        const snapshot = await snapshotOf(known, subvolume, run, context);
        run.typed(commandFor(request, archiveFolder(target, lease), snapshot));
        try {
          return await exporting(target, lease, { source, snapshot }, excludes, context)(run);
        } catch (error) {
          await tidy(known, subvolume, snapshot, run, context);
          throw error;
        }
      } finally {
        await lease.release();
        context.hub.emit('volumes.changed', {});
      }
    },
  );
}

async function snapshotOf(
  known: KnownVolume,
  subvolume: Subvolume,
  run: RunHandle,
  context: Context,
): Promise<Subvolume> {
  run.step('snapshot');
  run.cancel.check();
  return subvolume.readOnly ? subvolume : makeSnapshot(known, subvolume, context);
}

/** After a cancel nobody wants the snapshot; after a failure it is said that it stays. */
async function tidy(
  known: KnownVolume,
  subvolume: Subvolume,
  snapshot: Subvolume,
  run: RunHandle,
  context: Context,
): Promise<void> {
  if (snapshot === subvolume) return;
  if (run.cancel.isCancelled && !context.runs.isClosed) {
    await deleteSnapshot(known, snapshot, context).catch(() => undefined);
    return;
  }
  run.note(
    noted(
      'snapshot-stays',
      say`The snapshot ${{ path: printable(snapshot.path) }} stays on ${{ name: known.volume.name }}.`,
    ),
  );
}

/** The newest snapshot here that the archive has, too; nothing where there is no archive yet. */
async function parentIn(
  folder: string,
  source: Subvolume,
  subvolumes: readonly Subvolume[],
  { engine, history }: Context,
): Promise<Subvolume | undefined> {
  const uuid = source.readOnly ? sourceOfPoint(source, history) : source.uuid;
  const contents = await engine.run('listArchive', { folder }).catch(() => undefined);
  const held = new Set(
    contents?.sources.flatMap(({ points }) =>
      points.filter((p) => p.isRestorable).map((p) => p.uuid),
    ),
  );
  return subvolumes
    .filter((one) => one.readOnly && one !== source && sourceOfPoint(one, history) === uuid)
    .filter((one) => held.has((streamUuid(one) ?? '').replaceAll('-', '')))
    .sort((a, b) => b.createdAtMs - a.createdAtMs)[0];
}

/** The drive, when it is here and stream files may go to it. */
async function targetDrive(
  { driveId, source }: ExportRequest,
  { drives }: Context,
): Promise<Drive> {
  const all = await drives.list();
  const drive = all.find((one) => one.driveId === driveId);
  if (!drive || drive.state === 'away') {
    throw conflict('drive-away', say`"${{ name: drive?.name ?? driveId }}" is not plugged in.`, {
      hint: 'Plug it in.',
    });
  }
  if (driveId === source.volumeId) {
    throw sourceIsTarget(drive.name);
  }
  if (drive.onSystemDisk) {
    throw conflict(
      'drive-is-system',
      say`${{ name: drive.name }} is on the disk of the running system.`,
      {
        hint: 'Choose another drive: a backup on the same disk is lost with it.',
      },
    );
  }
  return drive;
}

function targetOf({ driveId, folder }: ExportRequest): TargetOf<'archive'> {
  return ArchiveTarget.parse({ kind: 'archive', driveId, folder, keep: {} });
}

function commandFor(
  { folder: wanted, excludes }: ExportRequest,
  folder: string | null,
  { mountedPath, path }: Subvolume,
): string {
  const patterns = excludes.flatMap((pattern) => ['--exclude', pattern]);
  const to = folder ?? `DRIVE/${wanted}`;
  return shell(['dendro', 'archive', 'export', ...patterns, to, mountedPath ?? path]);
}
