import { conflict, DendroError } from '../../../shared/errors.ts';
import { counted, noted, say, type Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { CheckedInput } from '../../../shared/contract/calls.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import { backupCommand } from '../command-line.ts';
import { commonParents, type ParentPair } from '../../plan/parents.ts';
import type { VerbOutput } from '../../engine/index.ts';
import type { RunHandle } from '../../runs/runs.ts';
import type { Context } from '../context.ts';
import { deleteSnapshot } from '../handlers/snapshots.ts';
import { checked, noteReceived, recordBackup } from './after-send.ts';
import { noteNested } from './source-notes.ts';
import { makeFolder } from './make-folder.ts';
import { makeSnapshot } from './make-snapshot.ts';
import {
  discardBegun,
  noteBegun,
  noteEnded,
  transferOf,
  unfinishedOn,
  type Unfinished,
} from './interrupted.ts';
import { IN_FULL, nearest, sizesOf, type Candidate, type Way } from './plan-backup.ts';
import { routeOf, type Route } from './route.ts';
import { heavyOn } from '../heavy-on.ts';
import { usingDrives } from '../using-drives.ts';
import { titleOf } from './title.ts';

type Request = CheckedInput<'backup.start'>;

/** When a plan asks for it. */
export interface PlannedBackup {
  readonly planId: string;
  /** Made already, of the request's source. */
  readonly snapshot: Subvolume;
  /** Told which snapshot has been sent: one that an earlier run left unfinished comes first. */
  readonly sent: (snapshot: Subvolume) => void;
}

/** Snapshot, plan, send, check: the run goes on when this returns. */
export async function startBackup(
  request: Request,
  context: Context,
  asked?: PlannedBackup,
): Promise<Run> {
  const title = await titleOf(request, context);
  const { source, target } = request;
  const devices = await heavyOn([source.volumeId, target.volumeId], context);
  return context.runs.start(
    {
      kind: 'backup',
      title,
      steps: [...(asked ? [] : ['snapshot']), 'plan', 'send', 'check'],
      source,
      planId: asked?.planId,
      request: asked ? undefined : { call: 'backup.start', input: request },
      commandLine: '',
      devices,
    },
    (run) => {
      // A plan holds the drive itself, from its mounting to its putting away.
      const places = asked ? [] : [source.volumeId, target.volumeId];
      return usingDrives(places, context, () => backedUp(request, run, context, asked));
    },
  );
}

async function backedUp(
  request: Request,
  run: RunHandle,
  context: Context,
  asked: PlannedBackup | undefined,
): Promise<Outcome> {
  const begun = await routeOf(request.source, request.target, context, request.excludes);
  makeFolder(begun);
  const unfinished = request.parent === 'best' ? await unfinishedOn(begun, context) : undefined;
  if (unfinished) {
    const outcome = await finish(begun, unfinished, run, context);
    asked?.sent(unfinished.snapshot);
    return outcome;
  }
  // What the last try had brought whole stands in its place by now: the next is sent upon it.
  const route = { ...begun, remote: await context.points.subvolumes(begun.to) };
  const snapshot = asked?.snapshot ?? (await snapshotFor(route, run, context));
  try {
    const best = await bestWay(route, snapshot, request, run, context);
    const outcome = await sendSnapshot(route, snapshot, best, 0, run, context);
    asked?.sent(snapshot);
    return outcome;
  } catch (error) {
    if (!asked) await tidy(route, snapshot, run, context);
    throw error;
  }
}

async function snapshotFor(route: Route, run: RunHandle, context: Context): Promise<Subvolume> {
  if (route.source.readOnly) return route.source;
  run.step('snapshot');
  return makeSnapshot(route.from, route.source, context);
}

/** Goes on with what the last try left, at the command where it stopped. */
async function finish(
  route: Route,
  { snapshot, way, commands }: Unfinished,
  run: RunHandle,
  context: Context,
): Promise<Outcome> {
  run.step('plan');
  const { path } = snapshot;
  run.note(
    noted(
      'goes-on-with',
      say`Goes on with ${{ path: printable(path) }}, of which ${{ count: commands }} ${counted(commands, 'command', 'commands')} had arrived.`,
    ),
  );
  const outgoing = { ...route, snapshot };
  const [rest] = await sizesOf(outgoing, [way], context, run.cancel, commands);
  return sendSnapshot(route, snapshot, rest!, commands, run, context);
}

async function bestWay(
  route: Route,
  snapshot: Subvolume,
  { parent }: Request,
  run: RunHandle,
  context: Context,
): Promise<Candidate> {
  run.step('plan', snapshot === route.source ? undefined : printable(snapshot.path));
  run.cancel.check();
  const formsOf = (uuid: string) => context.history.sentWithout.of(uuid);
  const { pairs, notes } = commonParents(snapshot, route.local, route.remote, formsOf);
  for (const note of notes) run.note(note);
  const parents = nearest(chosen(pairs, parent));
  const ways = parents.length === 0 ? [IN_FULL] : parents;
  const [best] = await sizesOf({ ...route, snapshot }, ways, context, run.cancel);
  return best!;
}

type Outcome = { result: Run['result']; detail: string };

async function sendSnapshot(
  route: Route,
  snapshot: Subvolume,
  best: Candidate,
  resumeFrom: number,
  run: RunHandle,
  context: Context,
): Promise<Outcome> {
  const { parent } = best;
  run.plan(best.bytes, best.files);
  run.typed(backupCommand(route, snapshot, best));
  run.step('send', planSentence(best));
  const received = await transfer(route, snapshot, best, resumeFrom, run, context);
  run.progress(received.bytes, received.files, '');
  noteReceived(received, run);
  await noteNested(received.nestedSubvolumes, route.from, run, context);
  run.step(
    'check',
    noted(
      'commands',
      say`${{ count: received.commands }} ${counted(received.commands, 'command', 'commands')}`,
    ),
  );
  const point = await checked(route, snapshot, received.path, run, context);
  noteEnded(route, context);
  recordBackup(snapshot, best, received.files, run, context);
  const refOf = ({ volumeId, subvolumeId }: Subvolume) => ({ volumeId, subvolumeId });
  return {
    result: {
      point: refOf(point),
      parent: parent && refOf(parent),
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

function planSentence({ parent, files }: Candidate): Note {
  const counts = counted(files, 'file', 'files');
  if (parent === null) return noted('in-full', say`in full: ${{ count: files }} ${counts}`);
  const name = { parent: printable(parent.path) };
  return noted('since', say`what changed since ${name}: ${{ count: files }} ${counts}`);
}

async function transfer(
  route: Route,
  snapshot: Subvolume,
  way: Way,
  resumeFrom: number,
  run: RunHandle,
  context: Context,
): Promise<VerbOutput<'transfer'>> {
  const input = { ...transferOf(route, snapshot, way), resumeFrom };
  if (resumeFrom === 0) await noteBegun(route, snapshot, way, context);
  try {
    return await context.withEngine((engine) =>
      engine.run('transfer', input, {
        cancel: run.cancel,
        onProgress: ({ bytes, files, current }) => run.progress(bytes, files, current),
      }),
    );
  } catch (error) {
    // A drive that failed may come back; nothing else is mended by trying the same again.
    const isDriveGone = error instanceof DendroError && error.kind === 'Io';
    if (isDriveGone || context.runs.isClosed) {
      run.note(noted('arrived-kept', 'What has arrived is kept; the next backup goes on there.'));
    } else await discardBegun(route, context);
    throw error;
  }
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
    run.note(
      noted(
        'snapshot-stays',
        say`The snapshot ${{ path: printable(snapshot.path) }} stays on ${{ name: route.from.volume.name }}.`,
      ),
    );
    return;
  }
  await deleteSnapshot(route.from, snapshot, context).catch(() => undefined);
}
