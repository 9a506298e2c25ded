import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  add,
  honest,
  nothing,
  playwrightCounts,
  showCounts,
  skipReasons,
  vitestCounts,
  vitestFailures,
  playwrightFailures,
} from './counts.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'counts-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function report(content: object): string {
  const path = join(folder, 'report.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const vitest = {
  numPassedTests: 5,
  numFailedTests: 1,
  numPendingTests: 2,
  numTodoTests: 0,
  testResults: [
    { status: 'failed', assertionResults: [] },
    {
      status: 'passed',
      assertionResults: [
        { status: 'skipped', fullName: 'send [needs root] sends' },
        { status: 'skipped', fullName: 'receive [needs root] receives' },
      ],
    },
  ],
};

test('a test file that could not be loaded is a failure', () => {
  expect(vitestCounts(report(vitest))).toEqual({ passed: 5, failed: 2, skipped: 2 });
});

test('what failed is named with the beginning of what it said', () => {
  const long = Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n');
  const testResults = [
    { name: 'a.test.ts', status: 'failed', message: 'cannot be parsed', assertionResults: [] },
    {
      name: 'b.test.ts',
      status: 'failed',
      message: '',
      assertionResults: [
        { status: 'passed', fullName: 'holds', failureMessages: [] },
        { status: 'failed', fullName: 'breaks', failureMessages: [`\u001b[31m${long}`] },
      ],
    },
  ];
  const [notLoaded, broken, ...rest] = vitestFailures(report({ testResults }));
  expect(rest).toEqual([]);
  expect(notLoaded).toBe('a.test.ts\n  cannot be parsed');
  expect(broken).toMatch(/^b\.test\.ts: breaks\n {2}line 0\n/);
  expect(broken).not.toContain('line 99');
  expect(vitestFailures(join(folder, 'none'))).toEqual([]);
});

test('what failed of the page is named, in suites within suites', () => {
  const results = [{ error: { message: 'not visible' } }, {}];
  const specs = [
    { title: 'opens', tests: [{ status: 'unexpected', results }] },
    { title: 'sometimes', tests: [{ status: 'flaky', results }] },
    { title: 'closes', tests: [{ status: 'expected', results: [{}] }] },
  ];
  const suites = [
    { file: 'a.spec.ts', specs: [], suites: [{ file: 'a.spec.ts', specs }] },
    { file: 'b.spec.ts', specs: [] },
  ];
  expect(playwrightFailures(report({ suites }))).toEqual([
    'a.spec.ts: opens\n  not visible',
    'a.spec.ts: sometimes\n  not visible',
  ]);
});

test('tests that were skipped are counted by their reason', () => {
  expect([...skipReasons(report(vitest))]).toEqual([['needs root', 2]]);
});

test('a test of the page that passed only when tried again has failed', () => {
  const stats = { expected: 3, unexpected: 1, flaky: 1, skipped: 4 };
  expect(playwrightCounts(report({ stats }))).toEqual({ passed: 3, failed: 2, skipped: 4 });
});

test('a runner that ended badly is a failure even when it names none', () => {
  const fine = { passed: 3, failed: 0, skipped: 0 };
  expect(honest(fine, true)).toEqual(fine);
  expect(honest(fine, false).failed).toBe(1);
  expect(honest(undefined, true).failed).toBe(1);
  expect(honest({ ...fine, failed: 2 }, false).failed).toBe(2);
});

test('counts are summed and shown on one line', () => {
  const one = { passed: 1, failed: 2, skipped: 3 };
  expect(showCounts(add(add(nothing, one), one))).toBe('2 passed, 4 failed, 6 skipped');
});
