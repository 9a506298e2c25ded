import { printable } from '../../../shared/model/bytes-text.ts';
import { noted, say } from '../../../shared/said.ts';
import type { CallOutput, CheckedInput } from '../../../shared/contract/calls.ts';
import type { Run } from '../../../shared/model/run.ts';
import type { RollbackInput } from '../../engine/verbs/rollback.ts';
import { placeText, shell } from '../command-line.ts';
import type { Context } from '../context.ts';
import { findSubvolume } from '../handlers/snapshots.ts';
import { rollBackTo } from '../../runs/titles.ts';

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

async function commandOf(
  { point, targetId, isForced }: Request,
  context: Context,
): Promise<string> {
  const { known, subvolume } = await findSubvolume(point, context);
  const device = known.input.devices[0]!;
  const force = isForced ? ['--force'] : [];
  if (targetId === undefined)
    return shell(['dendro', 'rollback', ...force, placeText(device, subvolume)]);
  const ref = { volumeId: point.volumeId, subvolumeId: targetId };
  const { subvolume: target } = await findSubvolume(ref, context);
  const option = ['--subvolume', placeText(device, target)];
  return shell(['dendro', 'rollback', ...force, ...option, placeText(device, subvolume)]);
}

async function inputOf(
  { point, targetId, isForced }: Request,
  context: Context,
): Promise<RollbackInput> {
  const { known, subvolume } = await findSubvolume(point, context);
  return {
    volume: known.input,
    pointId: subvolume.subvolumeId,
    targetId: targetId ?? null,
    bootFolder: null,
    isForced,
    moment: new Date(context.nowMs()).toISOString().slice(0, 16).replace(':', '.'),
  };
}
