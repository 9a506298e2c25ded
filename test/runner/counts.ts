import { existsSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export const nothing: Counts = { passed: 0, failed: 0, skipped: 0 };

export function add(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
  };
}

export function showCounts({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * What a runner's report says, made honest by its exit code: a runner that ended badly counts
 * as a failure even when it names none, and so does one that wrote no report.
 */
export function honest(counts: Counts | undefined, succeeded: boolean): Counts {
  if (counts === undefined) return { ...nothing, failed: 1 };
  if (succeeded || counts.failed > 0) return counts;
  return { ...counts, failed: 1 };
}

interface VitestReport {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** Counts of vitest's JSON report; a file that could not be loaded is one failure. */
export function vitestCounts(report: string): Counts | undefined {
  const json = readJson(report) as VitestReport | undefined;
  if (json === undefined) return undefined;
  const notLoaded = json.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  );
  return {
    passed: json.numPassedTests,
    failed: json.numFailedTests + notLoaded.length,
    skipped: json.numPendingTests + json.numTodoTests,
  };
}

/** Why tests were skipped, with how many: the reason stands in brackets in their suite's name. */
export function skipReasons(report: string): Map<string, number> {
  const json = readJson(report) as VitestReport | undefined;
  const reasons = new Map<string, number>();
  for (const { assertionResults } of json?.testResults ?? []) {
    for (const { status, fullName } of assertionResults) {
      if (status === 'passed' || status === 'failed') continue;
      const reason = /\[([^\]]+)\]/.exec(fullName)?.[1] ?? fullName;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  }
  return reasons;
}

/** What failed in vitest's report, each with its file and the beginning of what was said. */
export function vitestFailures(report: string): string[] {
  const json = readJson(report) as VitestReport | undefined;
  return (json?.testResults ?? []).flatMap(({ name, status, message, assertionResults }) => {
    if (status === 'failed' && assertionResults.length === 0) return [failure(name, message)];
    return assertionResults
      .filter((result) => result.status === 'failed')
      .map((result) => failure(`${name}: ${result.fullName}`, result.failureMessages.join('\n')));
  });
}

const SHOWN_LINES = 12;
const SHOWN_LENGTH = 1500;

function failure(name: string, message: string): string {
  const lines = stripVTControlCharacters(message).slice(0, SHOWN_LENGTH).split('\n');
  return [name, ...lines.slice(0, SHOWN_LINES).map((line) => `  ${line}`)].join('\n');
}

interface PlaywrightReport {
  readonly stats: { expected: number; unexpected: number; flaky: number; skipped: number };
  readonly suites: readonly PlaywrightSuite[];
}

interface PlaywrightSuite {
  readonly file: string;
  readonly suites?: readonly PlaywrightSuite[];
  readonly specs: readonly {
    readonly title: string;
    readonly tests: readonly {
      readonly status: string;
      readonly results: readonly { readonly error?: { readonly message?: string } }[];
    }[];
  }[];
}

/** Counts of Playwright's JSON report; a test that passed only when tried again has failed. */
export function playwrightCounts(report: string): Counts | undefined {
  const json = readJson(report) as PlaywrightReport | undefined;
  if (json === undefined) return undefined;
  const { expected, unexpected, flaky, skipped } = json.stats;
  return { passed: expected, failed: unexpected + flaky, skipped };
}

/** What failed in Playwright's report, as {@link vitestFailures} gives it. */
export function playwrightFailures(report: string): string[] {
  const json = readJson(report) as PlaywrightReport | undefined;
  return (json?.suites ?? []).flatMap(failuresOfSuite);
}

function failuresOfSuite({ file, suites = [], specs }: PlaywrightSuite): string[] {
  const own = specs.flatMap(({ title, tests }) =>
    tests
      .filter(({ status }) => status === 'unexpected' || status === 'flaky')
      .map(({ results }) => {
        const said = results.map(({ error }) => error?.message ?? '').filter((text) => text !== '');
        return failure(`${file}: ${title}`, said.join('\n'));
      }),
  );
  return [...own, ...suites.flatMap(failuresOfSuite)];
}

function readJson(path: string): unknown {
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, 'utf8'));
}
