import { printable } from '../../shared/model/bytes-text.ts';
import {
  planRollback,
  rollback,
  type RollbackInput,
  type RollbackPlan,
} from '../engine/verbs/rollback.ts';
import { plainContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { printJson, printLines } from './output.ts';
import { subvolumeAt } from './place-subvolume.ts';
import { placeOf } from './place.ts';
import { recorded } from './recorded.ts';
import { rollBackTo } from '../runs/titles.ts';
import { textOf } from '../../shared/said.ts';

export const command = defineCommand({
  usage: ['rollback [--dry-run] [--subvolume PLACE] [--boot FOLDER] [--force] [--json] POINT'],
  summary: 'puts a snapshot in the place of the subvolume that it was taken from',
  details:
    'Of the system or of any other subvolume, on a mounted filesystem. A read-write snapshot of\n' +
    'POINT takes the name (or becomes the default subvolume, where that is how the system is\n' +
    'found); the old one is kept beside it, nested subvolumes come along, and a check mounts it\n' +
    'as the boot will. To go back, roll back to the one that was kept. Of a system, the boot\n' +
    'loader and the kernels in /boot are looked at first: with a kernel that POINT has no modules\n' +
    'for it is refused. A rollback that was killed is finished by the same command.',
  options: {
    ...jsonOption,
    'dry-run': { type: 'boolean', help: 'show each step, and change nothing' },
    subvolume: { type: 'string', value: 'PLACE', help: 'what POINT takes the place of' },
    boot: { type: 'string', value: 'FOLDER', help: 'where /boot of the system is mounted' },
    force: { type: 'boolean', help: 'go on though no kernel in /boot fits' },
  },
  arguments: { least: 1, most: 1 },
  async run({ options, positionals }) {
    const place = placeOf(positionals[0]!);
    const input: RollbackInput = {
      volume: place.volume,
      pointId: subvolumeAt(place).id,
      targetId: options.subvolume === undefined ? null : subvolumeAt(placeOf(options.subvolume)).id,
      bootFolder: options.boot ?? null,
      isForced: options.force === true,
      moment: new Date().toISOString().slice(0, 16).replace(':', '.'),
    };
    if (options['dry-run'] === true) {
      const plan = planRollback(input, plainContext());
      if (options.json) printJson(plan);
      else printLines([...stepLines(plan), ...plan.notes.map(textOf)]);
      return EXIT.ok;
    }
    const result = await recorded(
      { kind: 'restore', title: rollBackTo(place.text), steps: ['rollback'] },
      (run) => {
        run?.step('rollback');
        return { ...rollback(input, plainContext()), path: null };
      },
    );
    if (options.json) printJson(result);
    else {
      printLines([
        ...stepLines(result).map((line) => `done: ${line}`),
        ...result.leftBehind.map((name) => `stays in the old one: ${printable(name)}`),
        ...result.notes.map(textOf),
        `Confirmed: ${printable(result.newPath)} is the point now; the old one is ${printable(result.keptPath)}.`,
      ]);
    }
    return EXIT.ok;
  },
});

function stepLines(plan: RollbackPlan): string[] {
  const { point, staging, newPath, keptPath, target, nested, setsDefault, fixesFstab } = plan;
  const show = (path: string): string => `"${printable(path)}"`;
  return [
    `read-write snapshot of ${show(point.path)} as ${show(staging)}`,
    ...(fixesFstab
      ? [`its /etc/fstab no longer names the subvolume by the number ${target.id}`]
      : []),
    ...(keptPath === target.path
      ? [`${show(target.path)} is kept as it is`]
      : [`it becomes ${show(newPath)}; what is there now becomes ${show(keptPath)}`]),
    ...nested.map(({ from, to }) => `nested subvolume ${show(from)} moves to ${show(to)}`),
    ...(setsDefault ? [`${show(newPath)} becomes the default subvolume`] : []),
    'check: it is mounted as the boot will, and looked at',
  ];
}
