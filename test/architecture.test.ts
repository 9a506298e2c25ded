import { cruise } from 'dependency-cruiser';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';

test('imports run in one direction', async () => {
  const rules = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as {
    forbidden: object[];
    options: object;
  };
  const { output } = await cruise(['main', 'packaging', 'renderer', 'shared', 'test'], {
    ...rules.options,
    validate: true,
    ruleSet: { forbidden: rules.forbidden },
    exclude: 'node_modules/.*/node_modules',
  } as Parameters<typeof cruise>[1]);
  const { summary } = output as {
    summary: {
      totalCruised: number;
      violations: { from: string; to: string; rule: { name: string } }[];
    };
  };
  expect(summary.totalCruised).toBeGreaterThan(0);
  expect(summary.violations.map((v) => `${v.rule.name}: ${v.from} -> ${v.to}`)).toEqual([]);
});
