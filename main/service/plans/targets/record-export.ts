import { conflict } from '../../../../shared/errors.ts';
import { counted, noted, say } from '../../../../shared/said.ts';
import { printable } from '../../../../shared/model/bytes-text.ts';
import type { TargetOf } from '../../../../shared/model/plan-target.ts';
import type { Subvolume } from '../../../../shared/model/subvolume.ts';
import type { DriveLease } from '../../../drives/drives.ts';
import type { VerbOutput } from '../../../engine/index.ts';
import { streamUuid } from '../../../plan/parents.ts';
import type { RunHandle } from '../../../runs/runs.ts';
import type { Context } from '../../context.ts';
import { archiveFolder } from './archive-folder.ts';
import { pointIdIn, recordArchive } from './record-place.ts';
import { unverifiedOnSource } from '../../backup/source-notes.ts';

type Summary = VerbOutput<'exportArchive'>;

/** What a person should know of an export that went well. */
export function noteSummary(summary: Summary, run: RunHandle): void {
  const { notes, unverifiedBytes, resumedCommands } = summary;
  for (const note of notes) run.note(note);
  if (resumedCommands > 0) {
    run.note(
      noted(
        'went-on-cut-off',
        say`Went on where it was cut off: ${{ count: resumedCommands }} ${counted(resumedCommands, 'command was', 'commands were')} there already.`,
      ),
    );
  }
  if (unverifiedBytes > 0) {
    run.note(unverifiedOnSource(unverifiedBytes));
  }
}

/**
 * Looks into the archive itself: the point is listed, and all that it builds on is there. Then
 * records what the archive holds.
 *
 * @throws Conflict 'received-missing'
 */
export async function recordExport(
  target: TargetOf<'archive'>,
  lease: DriveLease,
  snapshot: Subvolume,
  summary: Summary,
  run: RunHandle,
  context: Context,
): Promise<void> {
  const folder = archiveFolder(target, lease);
  const contents = await context.withEngine((engine) => engine.run('listArchive', { folder }));
  const points = contents.sources.find((one) => one.folder === summary.source)?.points ?? [];
  const point = points.find(({ uuid }) => uuid === summary.uuid);
  if (!point?.isRestorable) throw missing(summary.name);
  // Several points may have one name: the identity tells them apart.
  const parent = points.find(
    ({ uuid, ctransid }) => uuid === point.parent?.uuid && ctransid === point.parent.ctransid,
  );
  const { history } = context;
  if (summary.isNew) {
    history.points.pointBackedUp({
      pointId: streamUuid(snapshot)!,
      sourceUuid: snapshot.parentUuid,
      name: snapshot.path.slice(snapshot.path.lastIndexOf('/') + 1),
      takenAtMs: snapshot.createdAtMs,
      runId: run.runId,
      bytes: summary.streamBytes,
      files: summary.commands,
      parentPointId: parent ? pointIdIn(parent, (id) => history.sentWithout.get(id)) : null,
    });
  }
  recordArchive(target, lease.name, contents, context);
}

function missing(name: string): Error {
  return conflict(
    'received-missing',
    say`"${{ name: printable(name) }}" is not whole in the archive.`,
    {
      hint: 'See what is wrong: dendro archive verify FOLDER',
    },
  );
}
