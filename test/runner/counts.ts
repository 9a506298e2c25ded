import { existsSync, readFileSync } from 'node:fs';

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
    readonly status: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
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

interface PlaywrightReport {
  readonly stats: { expected: number; unexpected: number; flaky: number; skipped: number };
}

/** Counts of Playwright's JSON report; a test that passed only when tried again has failed. */
export function playwrightCounts(report: string): Counts | undefined {
  const json = readJson(report) as PlaywrightReport | undefined;
  if (json === undefined) return undefined;
  const { expected, unexpected, flaky, skipped } = json.stats;
  return { passed: expected, failed: unexpected + flaky, skipped };
}

function readJson(path: string): unknown {
  if (!existsSync(path)) return undefined;
  return JSON.parse(readFileSync(path, 'utf8'));
}
