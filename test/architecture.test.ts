import { cruise } from 'dependency-cruiser';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const FOLDERS = ['main', 'packaging', 'renderer', 'shared', 'test'];

test('imports run in one direction', async () => {
  const rules = createRequire(import.meta.url)('../.dependency-cruiser.cjs') as {
    forbidden: object[];
    options: object;
  };
  const { output } = await cruise(FOLDERS, {
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

test('what a file exports is used, by it or by another', () => {
  const words = new Map(
    [...FOLDERS.flatMap(sourcesIn), 'playwright.config.ts'].map((path) => {
      const text = readFileSync(path, 'utf8');
      return [path, { text, words: text.match(/[A-Za-z_$][\w$]*/g) ?? [] }] as const;
    }),
  );
  const uses = new Map<string, number>();
  for (const file of words.values()) {
    for (const word of file.words) uses.set(word, (uses.get(word) ?? 0) + 1);
  }
  const unused = [...words].flatMap(([path, { text }]) =>
    [...text.matchAll(/^export (?:async )?(?:function\*?|const|class|interface|type|enum) (\w+)/gm)]
      .map(([, name]) => name!)
      .filter((name) => uses.get(name) === 1)
      .map((name) => `${path}: ${name}`),
  );
  expect(unused).toEqual([]);
});

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => /\.tsx?$/.test(path) && !path.includes('node_modules'))
    .map((path) => join(folder, path));
}
