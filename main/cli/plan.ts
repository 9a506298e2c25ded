import { usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { didYouMean } from './nearest.ts';
import { defineCommand, jsonOption, type Parsed } from './options.ts';
import { addPlans, checkPlanFile } from './plan/add.ts';
import { editPlan } from './plan/edit.ts';
import { listPlans } from './plan/list.ts';
import { previewPlan } from './plan/preview.ts';
import { removePlan } from './plan/remove.ts';
import { runBeforePackages, runPlan } from './plan/run.ts';
import { showPlans } from './plan/show.ts';

const options = {
  ...jsonOption,
  yaml: { type: 'boolean', help: 'YAML instead of TOML' },
  'before-packages': { type: 'boolean', help: 'run: the plans that are for a package upgrade' },
  'no-wait': {
    type: 'boolean',
    help: 'run: return as soon as it has begun',
    without: ['before-packages'],
  },
  months: { type: 'string', value: 'N', help: 'preview: look that far ahead (default 1, 6, 24)' },
  place: { type: 'string', value: 'KEY', help: 'preview: "local" or a target (default: each)' },
} as const;

/** What has an effect on each; everything else is refused. */
const OPTIONS_OF: Readonly<Record<string, readonly (keyof typeof options)[]>> = {
  list: ['json'],
  show: ['json', 'yaml'],
  add: ['json', 'yaml'],
  check: ['json', 'yaml'],
  edit: ['json', 'yaml'],
  remove: ['json'],
  run: ['json', 'before-packages', 'no-wait'],
  preview: ['json', 'months', 'place'],
};

export type PlanOptions = Parsed<typeof options>['options'];

export const command = defineCommand({
  usage: [
    'plan list [--json]',
    'plan show [--json|--yaml] [PLAN]',
    'plan add [--json] [--yaml] FILE|-',
    'plan check [--json] [--yaml] FILE|-',
    'plan edit [--json] [--yaml] PLAN [FILE]',
    'plan remove [--json] PLAN',
    'plan run [--json] [--no-wait] PLAN | --before-packages',
    'plan preview [--json] [--months N] [--place KEY] PLAN',
  ],
  summary: 'what is backed up by itself: when, where to, and what is kept',
  details:
    'PLAN is a name, an id, or the beginning of an id. "show" prints plans in the form of the plan\n' +
    'file, which "add" reads (a plan of the same name is replaced) and the daemon follows at\n' +
    '/etc/dendro/plans.toml or .yaml. "edit" opens $VISUAL or $EDITOR. "run" begins now, whatever\n' +
    'the conditions say. A package manager calls "run --before-packages" before it changes things.',
  options,
  arguments: { least: 1, most: 3 },
  async run({ options: given, positionals }) {
    const [action, first, second, ...more] = positionals;
    const wants = (most: number): void => {
      if (more.length > 0 || positionals.length - 1 > most) throw tooMuch(action!);
    };
    assertOptionsOf(action!, given);
    switch (action) {
      case 'list':
        wants(0);
        return listPlans(given);
      case 'show':
        wants(1);
        return showPlans(given, first);
      case 'add':
        wants(1);
        return addPlans(given, needed(first, 'FILE'));
      case 'check':
        wants(1);
        return checkPlanFile(given, needed(first, 'FILE'));
      case 'edit':
        return editPlan(given, needed(first, 'PLAN'), second);
      case 'remove':
        wants(1);
        return removePlan(given, needed(first, 'PLAN'));
      case 'run':
        wants(given['before-packages'] ? 0 : 1);
        return given['before-packages']
          ? runBeforePackages(given)
          : runPlan(given, needed(first, 'PLAN'));
      case 'preview':
        wants(1);
        return previewPlan(given, needed(first, 'PLAN'));
      default:
        throw usage('unknown-action', say`dendro plan has no "${{ action }}".`, {
          hint: didYouMean(action, Object.keys(OPTIONS_OF), {
            before: 'dendro plan ',
            otherwise: 'See: dendro plan --help. The size of a send is told by: dendro estimate',
          }),
        });
    }
  },
});

/** @throws Usage: an option that has no effect */
function assertOptionsOf(action: string, given: PlanOptions): void {
  const known = OPTIONS_OF[action];
  const strange = Object.keys(given).find((name) => known?.every((one) => one !== name));
  const isTwice = action === 'show' && given.json && given.yaml;
  if (strange === undefined && !isTwice) return;
  const what = isTwice
    ? say`dendro plan show: --json and --yaml do not go together.`
    : say`dendro plan ${{ action }}: --${{ option: strange }} does nothing here.`;
  throw usage('bad-option', what, { hint: 'See: dendro plan --help' });
}

function needed(argument: string | undefined, what: string): string {
  if (argument !== undefined) return argument;
  throw usage('bad-arguments', say`dendro plan: ${{ what }} is missing.`, {
    hint: 'See: dendro plan --help',
  });
}

function tooMuch(action: string): Error {
  return usage('bad-arguments', say`dendro plan ${{ action }} does not take so many arguments.`, {
    hint: 'See: dendro plan --help',
  });
}
