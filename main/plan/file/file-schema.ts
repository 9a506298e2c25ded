import { z } from 'zod';
import { PathText } from '../../../shared/model/basics.ts';
import { PlanDraft, PlanSource, type Timing } from '../../../shared/model/plan.ts';
import {
  ArchiveTarget,
  BtrfsTarget,
  NO_KIND,
  SshTarget,
} from '../../../shared/model/plan-target.ts';
import { parseCalendar } from '../calendar/parse-calendar.ts';
import { cronOf } from '../next-run.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import { noteOfError } from '../../../shared/errors.ts';

const MountedPath = PathText.startsWith('/', 'is no absolute path');
/** A subvolume in a file: where it is mounted, or its volume and number or path. */
const FileSource = z.union([
  MountedPath,
  z.strictObject({ path: MountedPath, nested: PlanSource.shape.nested }),
  PlanSource.extend({ subvolumeId: PlanSource.shape.subvolumeId.default(0) }).refine(
    ({ path, subvolumeId }) => path !== '' || subvolumeId > 0,
    'needs a path or a subvolumeId',
  ),
]);
/** Where a target's folder is seen now, in place of its volume or drive. */
const path = PathText.startsWith('/', 'is no absolute path').optional();
const FileTarget = z
  .discriminatedUnion(
    'kind',
    [
      BtrfsTarget.extend({ path, volumeId: BtrfsTarget.shape.volumeId.optional() }),
      ArchiveTarget.extend({ path, driveId: ArchiveTarget.shape.driveId.optional() }),
      SshTarget,
    ],
    { error: NO_KIND },
  )
  .superRefine((target, { addIssue }) => {
    if (target.kind === 'ssh') return;
    const [name, id] =
      target.kind === 'btrfs' ? ['volumeId', target.volumeId] : ['driveId', target.driveId];
    const message = `needs a path, or a ${name} and a folder`;
    const isBoth = target.path !== undefined && (id !== undefined || target.folder !== '');
    if (isBoth || (target.path === undefined && id === undefined)) {
      addIssue({ code: 'custom', path: [name!], message });
    }
  });
const FilePlan = PlanDraft.extend({
  sources: z.array(FileSource).min(1).max(100),
  targets: z.array(FileTarget).max(20).default([]),
});
export type FileTarget = z.infer<typeof FileTarget>;
export type FilePlan = z.infer<typeof FilePlan>;
export type FileSource = z.infer<typeof FileSource>;

export interface Mistake {
  readonly path: readonly (string | number)[];
  readonly reason: string;
}

interface BadExpression extends Mistake {
  /** The reason with its code. */
  readonly note: Note;
}

/** Everything that is wrong with the content of a plan file, or its plans. */
export function checkPlans(value: unknown): {
  plans: FilePlan[];
  mistakes: Mistake[];
} {
  const list = isRecord(value) ? value['plan'] : undefined;
  if (!isRecord(value) || !Array.isArray(list)) {
    const reason = 'a plan file holds a list called "plan" ([[plan]] in TOML)';
    return { plans: [], mistakes: [{ path: [], reason }] };
  }
  const mistakes = unknownKeys(value, { plan: list }, []);
  const plans: FilePlan[] = [];
  for (const [i, entry] of list.entries()) {
    const parsed = FilePlan.safeParse(entry);
    if (!parsed.success) {
      mistakes.push(...parsed.error.issues.flatMap((issue) => mistakesOf(issue, ['plan', i])));
      continue;
    }
    plans.push(parsed.data);
    mistakes.push(...unknownKeys(entry, parsed.data, ['plan', i]));
    mistakes.push(...badExpressions(parsed.data.when, ['plan', i, 'when']));
    if (list.findIndex((other) => isRecord(other) && other['name'] === parsed.data.name) < i) {
      const reason = `there is another plan called "${parsed.data.name}"`;
      mistakes.push({ path: ['plan', i, 'name'], reason });
    }
  }
  return { plans, mistakes };
}

/** Expressions of cron and systemd that cannot be read; those are checked when a plan is saved. */
export function badExpressions(
  when: readonly Timing[],
  path: Mistake['path'] = ['when'],
): BadExpression[] {
  return when.flatMap((timing, i): BadExpression[] => {
    try {
      if (timing.every === 'cron') cronOf(timing.expression);
      if (timing.every === 'calendar') parseCalendar(timing.expression);
      return [];
    } catch (error) {
      const why = { why: (error as Error).message.replace(/^\w+: /, '').replace(/\.?$/, '.') };
      const note =
        timing.every === 'cron'
          ? noted('no-cron', say`"${{ text: timing.expression }}" is no cron expression: ${why}`)
          : noteOfError(error);
      return [{ path: [...path, i, 'expression'], reason: note.text, note }];
    }
  });
}

function mistakesOf(issue: z.core.$ZodIssue, base: Mistake['path']): Mistake[] {
  const deeper = issue.code === 'invalid_union' ? closest(issue.errors) : undefined;
  const path = [...base, ...(issue.path as (string | number)[])];
  if (deeper) return mistakesOf(deeper, path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], reason: noField(key) }));
  }
  const field = path.slice(2).join('.');
  const message = issue.message.replace(
    /^Invalid input: (.*), received undefined$/,
    'it is missing',
  );
  return [{ path, reason: field === '' ? message : `"${field}": ${message}` }];
}

/** Of the forms that a value may have the one with the fewest mistakes: that was meant. */
function closest(options: z.core.$ZodIssue[][]): z.core.$ZodIssue | undefined {
  const isOfType = (issues: z.core.$ZodIssue[]): boolean =>
    !issues.some(({ code, path }) => code === 'invalid_type' && path.length === 0);
  const meant = options.some(isOfType) ? options.filter(isOfType) : options;
  return [...meant].sort((a, b) => a.length - b.length)[0]?.[0];
}

/** Keys that the schema did not take over: misspelt ones. */
function unknownKeys(given: unknown, taken: unknown, path: Mistake['path']): Mistake[] {
  if (Array.isArray(given) && Array.isArray(taken)) {
    return given.flatMap((one, i) => unknownKeys(one, taken[i], [...path, i]));
  }
  if (!isRecord(given) || !isRecord(taken)) return [];
  return Object.keys(given).flatMap((key) =>
    Object.hasOwn(taken, key)
      ? unknownKeys(given[key], taken[key], [...path, key])
      : [{ path: [...path, key], reason: noField(key) }],
  );
}

function noField(key: string): string {
  return `there is no field "${key}"`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
