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
import { DendroError } from '../../../shared/errors.ts';
import { because, reasonAt, reasonOf } from '../../../shared/model/reasons.ts';

const NOT_ABSOLUTE = because(noted('no-absolute-path', 'is no absolute path'));
const MountedPath = PathText.startsWith('/', NOT_ABSOLUTE);
/** A subvolume in a file: where it is mounted, or its volume and number or path. */
const FileSource = z.union([
  MountedPath,
  z.strictObject({ path: MountedPath, nested: PlanSource.shape.nested }),
  PlanSource.extend({ subvolumeId: PlanSource.shape.subvolumeId.default(0) }).refine(
    ({ path, subvolumeId }) => path !== '' || subvolumeId > 0,
    because(noted('needs-path-or-id', 'needs a path or a subvolumeId')),
  ),
]);
/** Where a target's folder is seen now, in place of its volume or drive. */
const path = PathText.startsWith('/', NOT_ABSOLUTE).optional();
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
    const needs = say`needs a path, or a ${{ name: name! }} and a folder`;
    const message = because(noted('needs-place', needs));
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
  /** Half a sentence, without a full stop. */
  readonly reason: Note;
}

/** Everything that is wrong with the content of a plan file, or its plans. */
export function checkPlans(value: unknown): {
  plans: FilePlan[];
  mistakes: Mistake[];
} {
  const list = isRecord(value) ? value['plan'] : undefined;
  if (!isRecord(value) || !Array.isArray(list)) {
    const reason = noted(
      'no-plan-list',
      'a plan file holds a list called "plan" ([[plan]] in TOML)',
    );
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
    mistakes.push(...placeTwice(parsed.data, ['plan', i]));
    if (list.findIndex((other) => isRecord(other) && other['name'] === parsed.data.name) < i) {
      const { name } = parsed.data;
      const reason = noted('plan-twice', say`there is another plan called "${{ name }}"`);
      mistakes.push({ path: ['plan', i, 'name'], reason });
    }
  }
  return { plans, mistakes };
}

/** One place two times: as far as it can be told by how it is named. */
function placeTwice({ targets }: FilePlan, path: Mistake['path']): Mistake[] {
  const keys = targets.map(placeKey);
  const reason = noted('place-twice', 'the same place stands there twice');
  return keys.flatMap((key, i) =>
    keys.indexOf(key) < i ? [{ path: [...path, 'targets', i], reason }] : [],
  );
}

function placeKey(target: FileTarget): string {
  if (target.kind === 'ssh') return target.url;
  const id = target.kind === 'btrfs' ? target.volumeId : target.driveId;
  return [target.kind, target.path ?? id, target.folder].join(' ');
}

/** Expressions of cron and systemd that cannot be read; those are checked when a plan is saved. */
export function badExpressions(
  when: readonly Timing[],
  path: Mistake['path'] = ['when'],
): Mistake[] {
  return when.flatMap((timing, i): Mistake[] => {
    try {
      if (timing.every === 'cron') cronOf(timing.expression);
      if (timing.every === 'calendar') parseCalendar(timing.expression);
      return [];
    } catch (error) {
      return [{ path: [...path, i, 'expression'], reason: expressionReason(timing, error) }];
    }
  });
}

function expressionReason(timing: Timing, error: unknown): Note {
  const text = { text: 'expression' in timing ? timing.expression : '' };
  if (error instanceof DendroError) {
    const why = { why: error.values['why']! };
    return noted('no-calendar', say`"${text}" is no calendar expression: ${why}`);
  }
  const isFive = text.text.startsWith('@') || text.text.trim().split(/\s+/).length === 5;
  if (!isFive) {
    const why = { why: noted('cron-not-five', 'it has not five fields') };
    return noted('no-cron', say`"${text}" is no cron expression: ${why}`);
  }
  const parser = (error as Error).message.replace(/^\w+: /, '').replace(/\.$/, '');
  return noted('no-cron', say`"${text}" is no cron expression: ${parser}`);
}

function mistakesOf(issue: z.core.$ZodIssue, base: Mistake['path']): Mistake[] {
  const deeper = issue.code === 'invalid_union' ? closest(issue.errors) : undefined;
  const path = [...base, ...(issue.path as (string | number)[])];
  if (deeper) return mistakesOf(deeper, path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...path, key], reason: noField(key) }));
  }
  return [{ path, reason: reasonAt(path.slice(2), reasonOf(issue)) }];
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

function noField(key: string): Note {
  return noted('no-field', say`there is no field "${{ key }}"`);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
