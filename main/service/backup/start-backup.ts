import { conflict } from '../../../shared/errors.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { CheckedInput } from '../../../shared/contract/calls.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import { backupCommand } from '../command-line.ts';
import { commonParents, streamUuid, type ParentPair } from '../../plan/parents.ts';
import type { VerbOutput } from '../../engine/index.ts';
import type { RunHandle } from '../../runs/runs.ts';
import type { Context } from '../context.ts';
import { deleteSnapshot } from '../handlers/snapshots.ts';
import { noteLosses } from '../note-losses.ts';
import { makeSnapshot } from './make-snapshot.ts';
import { sizesOf, type Candidate } from './plan-backup.ts';
import { routeOf, type Route } from './route.ts';
import { titleOf } from './title.ts';

type Request = CheckedInput<'backup.start'>;

/** Snapshot, plan, send, check: the run goes on when this returns. */
export async function startBackup(
  request: Request,
  context: Context,
  scheduleId?: string,
): Promise<Run> {
  const title = await titleOf(request, context);
  return context.runs.start(
    {
      kind: 'backup',
      title,
      steps: ['snapshot', 'plan', 'send', 'check'],
      source: request.source,
      scheduleId,
      commandLine: '',
    },
    async (run) => {
      const route = await routeOf(request.source, request.target, context);
      const snapshot = await snapshotFor(route, run, context);
      try {
        return await sendSnapshot(route, snapshot, request, run, context);
      } catch (error) {
        await tidy(route, snapshot, run, context);
        throw error;
      }
    },
  );
}

async function snapshotFor(route: Route, run: RunHandle, context: Context): Promise<Subvolume> {
  if (route.source.readOnly) return route.source;
  run.step('snapshot');
  return makeSnapshot(route.from, route.source, context);
}

async function sendSnapshot(
  route: Route,
  snapshot: Subvolume,
  { parent }: Request,
  run: RunHandle,
  context: Context,
): Promise<{ result: Run['result']; detail: string }> {
  const made = snapshot === route.source ? undefined : `${printable(snapshot.path)}`;
  run.step('plan', made);
  run.cancel.check();
  const { pairs, notes } = commonParents(snapshot, route.local, route.remote);
  for (const note of notes) run.note(note);
  const [best] = await sizesOf(
    route,
    snapshot,
    chosen(pairs, parent),
    parent === 'full',
    context,
    run.cancel,
  );
  run.plan(best!.bytes, best!.files);
  run.typed(backupCommand(route, snapshot, best!.parent));
  run.step('send', planSentence(best!));
  const received = await transfer(route, snapshot, best!, run, context);
  run.progress(received.bytes, received.files, '');
  noteReceived(received, run);
  run.step('check', `${received.commands} commands`);
  const point = await checked(route, snapshot, received.path, run, context);
  record(snapshot, best!, received.files, run, context);
  return {
    result: {
      point: { volumeId: point.volumeId, subvolumeId: point.subvolumeId },
      parent: best!.parent && {
        volumeId: best!.parent.volumeId,
        subvolumeId: best!.parent.subvolumeId,
      },
      path: received.path,
      commands: received.commands,
    },
    detail: 'complete and read-only on the target',
  };
}

/** @throws Conflict 'parent-missing' */
function chosen(pairs: readonly ParentPair[], parent: Request['parent']): readonly ParentPair[] {
  if (parent === 'full') return [];
  if (parent === 'best') return pairs;
  const pair = pairs.find(({ local }) => local.subvolumeId === parent.subvolumeId);
  if (pair) return [pair];
  throw conflict('parent-missing', 'The target does not hold the chosen parent unchanged.', {
    hint: 'Send in full, or let Dendro choose the parent.',
  });
}

function planSentence({ parent, files }: Candidate): string {
  const what = parent === null ? 'in full' : `what changed since ${printable(parent.path)}`;
  return `${what}: ${files} files`;
}

async function transfer(
  route: Route,
  snapshot: Subvolume,
  { parent }: Candidate,
  run: RunHandle,
  { withEngine }: Context,
) {
  return withEngine((engine) =>
    engine.run(
      'transfer',
      {
        volume: route.from.input,
        snapshotId: snapshot.subvolumeId,
        parentId: parent?.subvolumeId ?? null,
        folder: route.folder,
      },
      {
        cancel: run.cancel,
        onProgress: ({ bytes, files, current }) => run.progress(bytes, files, current),
      },
    ),
  );
}

function noteReceived(received: VerbOutput<'transfer'>, run: RunHandle): void {
  const { nestedSubvolumes, unverifiedBytes } = received;
  noteLosses(received, run);
  if (nestedSubvolumes > 0) {
    run.note(`${nestedSubvolumes} nested subvolumes are not part of it: back them up themselves.`);
  }
  if (unverifiedBytes > 0) {
    run.note(`${unverifiedBytes} bytes have no checksums on the source (nodatasum).`);
  }
}

/** Looks on the target itself: there, whole, read-only, and of the right origin. */
async function checked(
  route: Route,
  snapshot: Subvolume,
  path: string,
  run: RunHandle,
  { points, volumes, hub }: Context,
): Promise<Subvolume> {
  run.cancel.check();
  const known = await volumes.get(route.to.volume.volumeId);
  const uuid = streamUuid(snapshot);
  const found = (await points.subvolumes(known)).filter(
    (one) => one.receivedUuid === uuid && one.readOnly && one.whole,
  );
  hub.emit('volumes.changed', {});
  const newest = found.sort((a, b) => b.otransid - a.otransid)[0];
  if (newest) return newest;
  throw conflict('received-missing', `"${printable(path)}" is not complete on the target.`, {
    hint: 'Send it again.',
  });
}

function record(
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

/**
 * After a failure the snapshot stays: the next try goes on with it. After a cancel nobody
 * wants it.
 */
async function tidy(
  route: Route,
  snapshot: Subvolume,
  run: RunHandle,
  context: Context,
): Promise<void> {
  if (snapshot === route.source) return;
  if (!run.cancel.isCancelled) {
    run.note(`The snapshot ${printable(snapshot.path)} stays on ${route.from.volume.name}.`);
    return;
  }
  await deleteSnapshot(route.from, snapshot, context).catch(() => undefined);
}
