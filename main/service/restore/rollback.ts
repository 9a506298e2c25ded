import type { CallOutput, CheckedInput } from '../../../shared/contract/calls.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { Subvolume } from '../../../shared/model/subvolume.ts';
import { noted, say } from '../../../shared/said.ts';
import type { RollbackInput } from '../../engine/verbs/rollback.ts';
import { rollBackTo } from '../../runs/titles.ts';
import { placeText, shell } from '../command-line.ts';
import type { Context } from '../context.ts';
import { findSubvolume } from '../handlers/snapshots.ts';
import { sourceOfPoint } from '../points/source-of-point.ts';
import type { KnownVolume } from '../volumes/volume-book.ts';

type Request = CheckedInput<'rollback.plan'>;

export async function planRollback(
  request: Request,
  context: Context,
): Promise<CallOutput<'rollback.plan'>> {
  const input = await inputOf(request, context);
  const plan = await context.withEngine((engine) => engine.run('planRollback', input));
  const { nested, notes, mountPoints, ...rest } = plan;
  const lists = { nested: [...nested], notes: [...notes], mountPoints: [...mountPoints] };
  return { ...rest, ...lists, commandLine: await commandOf(request, context) };
}

/** The run ends well only when a check has confirmed it. */
export async function startRollback(request: Request, context: Context): Promise<Run> {
  const { subvolume: point } = await findSubvolume(request.point, context);
  const commandLine = await commandOf(request, context);
  return context.runs.start(
    {
      kind: 'restore',
      title: rollBackTo(point.path),
      steps: ['snapshot', 'place', 'nested', 'default', 'check'],
      source: request.point,
      commandLine,
    },
    async (run) => {
      const input = await inputOf(request, context);
      const done = await context.withEngine((engine) =>
        engine.run('rollback', input, { onProgress: ({ step }) => run.step(step) }),
      );
      for (const note of done.notes) run.note(note);
      for (const name of done.leftBehind)
        run.note(noted('stays-in-old', say`${{ name: printable(name) }} stays in the old one.`));
      context.hub.emit('volumes.changed', {});
      const { volumeId } = request.point;
      const result = {
        point: { volumeId, subvolumeId: done.newId },
        parent: null,
        path: done.newPath,
        commands: 0,
      };
      return {
        result,
        detail: noted(
          'old-kept',
          say`the old one is kept as ${{ path: printable(done.keptPath) }}`,
        ),
      };
    },
  );
}

async function commandOf(request: Request, context: Context): Promise<string> {
  const { known, point, target } = await placesOf(request, context);
  const device = known.input.devices[0]!;
  const force = request.isForced ? ['--force'] : [];
  const option = target === undefined ? [] : ['--subvolume', placeText(device, target)];
  return shell(['dendro', 'rollback', ...force, ...option, placeText(device, point)]);
}

async function inputOf(request: Request, context: Context): Promise<RollbackInput> {
  const { known, point, target } = await placesOf(request, context);
  return {
    volume: known.input,
    pointId: point.subvolumeId,
    targetId: target?.subvolumeId ?? null,
    bootFolder: null,
    isForced: request.isForced,
    moment: new Date(context.nowMs()).toISOString().slice(0, 16).replace(':', '.'),
  };
}

interface Places {
  readonly known: KnownVolume;
  readonly point: Subvolume;
  /** What it takes the place of; undefined where names and mounts have to tell. */
  readonly target: Subvolume | undefined;
}

async function placesOf({ point, targetId }: Request, context: Context): Promise<Places> {
  const { known, subvolume, subvolumes } = await findSubvolume(point, context);
  if (targetId === undefined)
    return { known, point: subvolume, target: sourceOf(subvolume, subvolumes, context) };
  const { subvolume: target } = await findSubvolume(
    { volumeId: point.volumeId, subvolumeId: targetId },
    context,
  );
  return { known, point: subvolume, target };
}

/**
 * What goes on with the points of what this one was taken from, where that is remembered to be another
 * subvolume: else names and mounts have to tell.
 */
function sourceOf(
  point: Subvolume,
  all: readonly Subvolume[],
  { history }: Context,
): Subvolume | undefined {
  const uuid = sourceOfPoint(point, history);
  if (uuid === null || uuid === point.parentUuid) return undefined;
  return all.find((one) => one.uuid === uuid && !one.readOnly);
}
