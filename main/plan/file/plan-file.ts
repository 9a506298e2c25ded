import { parse as parseToml, stringify as stringifyToml, TomlError } from 'smol-toml';
import { LineCounter, parseDocument, stringify as stringifyYaml } from 'yaml';
import { unsupported, usage } from '../../../shared/errors.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import type { PlanDraft } from '../../../shared/model/plan.ts';
import { checkPlans, type FilePlan, type Mistake } from './file-schema.ts';
import { tomlLines } from './toml-lines.ts';

/**
 * Plans as one file, for version control:
 *
 *     [[plan]]
 *     name = "Home"
 *     sources = ["/home"]
 *     when = [{ every = "hour", minute = 0 }, { every = "plug-in" }]
 *     keepLocal = { latest = 1, hourly = 24, daily = 7, weekly = 0, monthly = 0, yearly = 0 }
 *
 *     [[plan.targets]]
 *     kind = "btrfs"
 *     ...
 *
 * The fields are those of `PlanDraft` (shared/model/plan.ts).
 */
export type FileFormat = 'toml' | 'yaml';

/** Larger ones are not read. */
const MOST_BYTES = 1_048_576;
const MISTAKES_TOLD = 10;

export function formatOf(path: string): FileFormat {
  return /\.ya?ml$/i.test(path) ? 'yaml' : 'toml';
}

/**
 * @param name what to call the file in errors
 * @throws Usage 'plan-file-mistake' with line and reason of each mistake
 */
export function parsePlanFile(text: string, format: FileFormat, name: string): FilePlan[] {
  if (text.length > MOST_BYTES) {
    const reason = noted('plan-file-too-long', 'a plan file is not longer than 1 MiB');
    throw mistaken(name, [{ line: 1, reason }]);
  }
  const { value, lineOf } = format === 'toml' ? readToml(text, name) : readYaml(text, name);
  const { plans, mistakes } = checkPlans(value);
  if (mistakes.length === 0) return plans;
  throw mistaken(
    name,
    mistakes.map(({ path, reason }) => ({ line: lineOf(path), reason })),
  );
}

/** @throws Unsupported for a folder whose name is no text */
export function formatPlanFile(drafts: readonly PlanDraft[], format: FileFormat): string {
  const value = { plan: drafts.map(withoutNulls) };
  const text = format === 'toml' ? stringifyToml(value) : stringifyYaml(value);
  if (!/\\ud[89a-f]|[\ud800-\udfff]/iu.test(text)) return text.endsWith('\n') ? text : `${text}\n`;
  throw unsupported('name-not-text', 'A path in the plan is no UTF-8: a file cannot hold it.', {
    hint: 'Use --json, or rename the folder.',
  });
}

interface Read {
  readonly value: unknown;
  readonly lineOf: (path: Mistake['path']) => number;
}

function readToml(text: string, name: string): Read {
  try {
    return { value: parseToml(text), lineOf: tomlLines(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const why = error.message.split('\n')[0]!.replace('Invalid TOML document: ', '');
    throw mistaken(name, [{ line: error.line, reason: notRead('TOML', why) }]);
  }
}

function readYaml(text: string, name: string): Read {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false });
  const lineAt = (offset: number): number => Math.max(1, counter.linePos(offset).line);
  const problems = document.errors.map(({ pos, message }) => ({
    line: lineAt(pos[0]),
    reason: notRead('YAML', message.split('\n')[0]!),
  }));
  if (problems.length > 0) throw mistaken(name, problems);
  const lineOf = (path: Mistake['path']): number => {
    for (let length = path.length; length > 0; length -= 1) {
      const node = document.getIn(path.slice(0, length), true) as { range?: number[] } | undefined;
      if (node?.range) return lineAt(node.range[0]!);
    }
    return 1;
  };
  try {
    return { value: document.toJS(), lineOf };
  } catch (error) {
    // Aliases that would grow without bound.
    throw mistaken(name, [{ line: 1, reason: notRead('YAML', (error as Error).message) }]);
  }
}

/** TOML has no null, and a subvolume whose path is no text is named by its number. */
function withoutNulls(draft: PlanDraft): object {
  const sources = draft.sources.map(({ path, ...source }) =>
    path.isWellFormed() ? { ...source, path } : source,
  );
  const clean = JSON.stringify({ ...draft, sources }, (_key, value: unknown) => value ?? undefined);
  return JSON.parse(clean) as object;
}

/** What the readers of TOML and YAML say is English in all languages. */
function notRead(format: string, why: string): Note {
  const reason = { reason: why.replace(/\.$/, '') };
  return noted('not-well-formed', say`this is no ${{ format }}: ${reason}`);
}

function mistaken(
  name: string,
  mistakes: readonly { readonly line: number; readonly reason: Note }[],
): Error {
  const told = mistakes
    .slice(0, MISTAKES_TOLD)
    .map(({ line, reason }) => noted('at-line', say`line ${{ line }}: ${{ reason }}`));
  const count = { count: mistakes.length - told.length };
  if (count.count > 0) told.push(noted('more-mistakes', say`and ${count} more`));
  const mistake = told.reduceRight((rest, first) => thenNote(first, rest));
  return usage('plan-file-mistake', say`${{ name }}, ${{ mistake }}.`, {
    hint: 'Correct it; until then the plans that were in force stay in force.',
    place: { path: name },
  });
}

function thenNote(first: Note, rest: Note): Note {
  return noted('one-and-another', say`${{ first }}; ${{ rest }}`);
}
