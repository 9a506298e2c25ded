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
