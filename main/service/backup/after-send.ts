import { conflict } from '../../../shared/errors.ts';
import { noted, say } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import type { VerbOutput } from '../../engine/index.ts';
import { sentUuid } from '../../engine/send-identity.ts';
import { streamUuid } from '../../plan/parents.ts';
import type { RunHandle } from '../../runs/runs.ts';
import type { Context } from '../context.ts';
import { noteLosses } from '../note-losses.ts';
import type { Candidate } from './plan-backup.ts';
import type { Route } from './route.ts';
import { unverifiedOnSource } from './source-notes.ts';

/** What a person should know of a backup that went well. */
export function noteReceived(received: VerbOutput<'transfer'>, run: RunHandle): void {
  const { unverifiedBytes, records } = received;
  noteLosses(received, run);
  for (const name of records.made) {
    run.note(noted('record-made', say`The record of ${{ name }}, which was due, is made.`));
  }
  for (const { name, reason } of records.failed) {
    run.note(noted('record-stays-due', say`The record of ${{ name }} stays due: ${{ reason }}`));
  }
  for (const name of records.tooLarge) {
    run.note(noted('record-too-large', say`No record of ${{ name }} is kept: it is too large.`));
  }
  if (unverifiedBytes > 0) {
    run.note(unverifiedOnSource(unverifiedBytes));
  }
}

/** Looks on the target itself: there, whole, read-only, and of the right origin. */
export async function checked(
  route: Route,
  snapshot: Subvolume,
  path: string,
  run: RunHandle,
  { points, volumes, hub }: Context,
): Promise<Subvolume> {
  run.cancel.check();
  const known = await volumes.get(route.to.volume.volumeId);
  const uuid = sentUuid(streamUuid(snapshot)!, route.excludes);
  const found = (await points.subvolumes(known)).filter(
    (one) => one.receivedUuid === uuid && one.readOnly && one.whole,
  );
  hub.emit('volumes.changed', {});
  const newest = found.sort((a, b) => b.otransid - a.otransid)[0];
  if (newest) return newest;
  throw conflict(
    'received-missing',
    say`"${{ name: printable(path) }}" is not complete on the target.`,
    {
      hint: 'Send it again.',
    },
  );
}

/** For the restore point's own history. */
export function recordBackup(
  snapshot: Subvolume,
  { parent, bytes }: Candidate,
  files: number,
  run: RunHandle,
  { history }: Context,
): void {
  history.points.pointBackedUp({
    pointId: streamUuid(snapshot)!,
    sourceUuid: snapshot.parentUuid,
    name: snapshot.path.slice(snapshot.path.lastIndexOf('/') + 1),
    takenAtMs: snapshot.createdAtMs,
    runId: run.runId,
    bytes,
    files,
    parentPointId: parent === null ? null : streamUuid(parent),
  });
}
