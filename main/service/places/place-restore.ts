import type { CheckedInput } from '../../../shared/contract/calls.ts';
import { isVolume } from '../../../shared/model/plan-target.ts';
import type { PlaceRestoreSummary } from '../../places/restore/place-restore-job.ts';
import type { RestorePlaceInput } from '../../places/restore/restore-place.ts';
import type { RunHandle } from '../../runs/runs.ts';
import { absolute, begin, type Carry } from '../handlers/archive-job.ts';
import { shell } from '../command-line.ts';
import type { Context } from '../context.ts';
import { noteRestored, restoredTo } from '../restore/start-restore.ts';
import { givingUp, isVolumeBack, throughPulls } from '../restore/through-pulls.ts';
import { placeInput, placeText } from './place-input.ts';
import { restoreOf } from '../../runs/titles.ts';

type Request = CheckedInput<'place.restore'>;

/** @throws Conflict 'volume-unknown', 'not-absolute' */
export async function placeRestoreInput(
  { place, paths, folder, clash }: Request,
  context: Context,
): Promise<RestorePlaceInput> {
  const { name } = await placeText(place, context);
  const items = paths.map((path) => {
    const from = path.replace(/^\/+|\/+$/g, '');
    return { from, to: lastName(from === '' ? name : from) };
  });
  return { place: await placeInput(place, context), items, folder: absolute(folder), clash };
}

/** What a person would type for the same. */
export async function placeRestoreCommand(request: Request, context: Context): Promise<string> {
  const { words } = await placeText(request.place, context);
  return shell(typed(request, words[0]!));
}

/** The run goes on when this returns. */
export async function startPlaceRestore(
  request: Request,
  context: Context,
): Promise<{ runId: string }> {
  const input = await placeRestoreInput(request, context);
  const { name, words } = await placeText(request.place, context);
  const first = lastName(input.items[0]!.from) || name;
  const names = [first, ...input.items.slice(1).map(({ from }) => lastName(from))];
  const title = restoreOf(names, name, input.folder);
  const command = typed(request, words[0]!);
  const job = { kind: 'restore' as const, title, step: 'copy', command };
  return begin(context, job, async (run, carry) => {
    const { place } = request;
    const summary = await carryRestore(
      input,
      { run, carry, context },
      {
        again: () => placeRestoreInput(request, context),
        ...(place.kind === 'snapshot' && { isBack: () => isVolumeBack(place.volumeId, context) }),
      },
    );
    const path = summary.items[0]?.path ?? null;
    return { path, detail: restoredTo(input.folder, summary.files, summary.damageCount) };
  });
}

interface Carrier {
  readonly run: RunHandle;
  readonly carry: Carry;
  readonly context: Context;
}

/** What to do once the drive was pulled. */
interface AfterPull {
  /** The same request; the drive may be mounted elsewhere by then. */
  readonly again: () => Promise<RestorePlaceInput>;
  readonly isBack?: () => Promise<boolean>;
}

/** Counts, restores, and writes down what an undo needs. */
export async function carryRestore(
  first: RestorePlaceInput,
  { run, carry, context }: Carrier,
  { again, isBack }: AfterPull,
): Promise<PlaceRestoreSummary> {
  const plan = await carry('planPlaceRestore', first);
  run.plan(plan.bytes, plan.files);
  let known: RestorePlaceInput | undefined = first;
  const attempt = async (): Promise<PlaceRestoreSummary> => {
    const input = known ?? (await again());
    known = undefined;
    return carry('restorePlace', input);
  };
  const paths = first.items.map(({ from }) => from);
  const giveUp = givingUp({ folder: first.folder, paths }, context);
  const summary = await throughPulls(run, attempt, { isBack, giveUp });
  run.progress(summary.bytes, summary.files, '');
  for (const note of summary.notes) run.note(note);
  noteRestored(summary, run);
  context.history.restores.record(run.runId, summary);
  context.hub.emit('volumes.changed', {});
  return summary;
}

/** @param text how a person names all of it. */
function typed({ place, paths, folder, clash }: Request, text: string): string[] {
  const how = clash === 'keep-both' ? [] : [`--clash=${clash}`];
  const isVolumes = place.kind === 'snapshot' && isVolume(place.volumeId);
  const inside = isVolumes || place.kind === 'folder' ? '/' : ':/';
  const top = text.replace(/\/+$/, '');
  const places = paths.map((path) => (path === '' ? text : `${top}${inside}${path}`));
  return ['dendro', 'restore', ...how, ...places, folder];
}

function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
