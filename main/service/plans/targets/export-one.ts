import { join } from 'node:path';
import { noted, say } from '../../../../shared/said.ts';
import type { ErrorData } from '../../../../shared/errors.ts';
import { printable } from '../../../../shared/model/bytes-text.ts';
import type { TargetOf } from '../../../../shared/model/plan-target.ts';
import { hardwareIn } from '../../../linux/hardware.ts';
import type { DriveLease } from '../../../drives/drives.ts';
import type { PlanRow } from '../../../history/plans.ts';
import type { Work } from '../../../runs/runs.ts';
import { noteForm } from '../../backup/interrupted.ts';
import { sourceIsTarget } from '../../backup/source-is-target.ts';
import { sourceTitle } from '../../backup/title.ts';
import { shell } from '../../command-line.ts';
import type { Context } from '../../context.ts';
import { heavyOn } from '../../heavy-on.ts';
import { notePin } from '../pins/note-pin.ts';
import type { SnapshotMade } from '../snapshot-sources.ts';
import { archiveFolder } from './archive-folder.ts';
import { noteNested } from '../../backup/source-notes.ts';
import { noteSummary, recordExport } from './record-export.ts';
import { unfinishedFirst } from './unfinished-first.ts';
import { toPlace } from '../../../runs/titles.ts';

/** Writes a snapshot into the archive on a drive: a run of its own. */
export async function exportOne(
  target: TargetOf<'archive'>,
  lease: DriveLease,
  made: SnapshotMade,
  plan: PlanRow,
  context: Context,
): Promise<ErrorData | undefined> {
  const { excludes } = plan.draft;
  const title = toPlace(await sourceTitle(made.source, context), lease.name);
  const devices = await heavyOn([made.source.volumeId, target.driveId], context);
  return unfinishedFirst(target, made, excludes, context, async (one) => {
    const folder = archiveFolder(target, lease);
    const patterns = excludes.flatMap((pattern) => ['--exclude', pattern]);
    const place = one.snapshot.mountedPath ?? one.snapshot.path;
    const commandLine = shell(['dendro', 'archive', 'export', ...patterns, folder, place]);
    const { runId } = context.runs.start(
      {
        kind: 'backup',
        title,
        steps: ['export', 'check'],
        source: one.source,
        planId: plan.planId,
        commandLine,
        devices,
      },
      exporting(target, lease, one, excludes, context),
    );
    const { error } = await context.runs.ended(runId);
    if (!error) notePin(target, one, folder, context);
    return error ?? undefined;
  });
}

/** The work of a run with the steps 'export' and 'check'. */
export function exporting(
  target: TargetOf<'archive'>,
  lease: DriveLease,
  { source, snapshot }: SnapshotMade,
  excludes: readonly string[],
  context: Context,
): Work {
  return async (run) => {
    run.step('export');
    if (source.volumeId === target.driveId) throw sourceIsTarget(lease.name);
    const folder = archiveFolder(target, lease);
    const known = await context.volumes.get(source.volumeId);
    noteForm(snapshot, excludes, context.history);
    // Never into an empty mount point.
    lease.check();
    const { recipients, level } = target;
    const input = {
      ...{ volume: known.input, snapshotId: snapshot.subvolumeId, folder, level, excludes },
      nowMs: context.nowMs(),
      hardware: hardwareIn(),
      ...(recipients.length > 0 && { encryption: { recipients } }),
    };
    const summary = await context.withEngine((engine) =>
      engine.run('exportArchive', input, {
        cancel: run.cancel,
        onProgress: ({ bytes, files, current }) => run.progress(bytes, files, current),
      }),
    );
    run.progress(summary.streamBytes, summary.changedFiles, '');
    noteSummary(summary, run);
    await noteNested(summary.nestedSubvolumes, known, run, context);
    const upon = summary.parent;
    const how =
      upon === null
        ? noted('whole', 'in full')
        : noted('changed-since', say`what changed since ${{ parent: printable(upon) }}`);
    run.step('check', summary.isNew ? how : noted('was-there', 'it was there already'));
    lease.check();
    await recordExport(target, lease, snapshot, summary, run, context);
    const path = join(folder, summary.files[0]!);
    return {
      result: { point: null, parent: null, path, commands: summary.commands },
      detail: noted('whole-in-archive', 'whole and restorable in the archive'),
    };
  };
}
