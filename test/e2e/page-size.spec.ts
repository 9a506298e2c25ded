import { expect, test } from '@playwright/test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const BUILT = join(import.meta.dirname, '../../out/renderer');
const KB = 1_000;

/** Packed kilobytes, some hundredths above what there is: what comes in is seen. */
const BUDGET_KB = {
  /** What a window needs before its first page: a page of its own is fetched later. */
  firstJs: 240,
  firstCss: 48,
  /** All pages, without the languages and what shows documents. */
  allJs: 370,
  allCss: 61,
  language: 42,
  documents: 515,
};

test('what a window loads first, and all of the page, keep to their budgets', () => {
  const index = readFileSync(join(BUILT, 'index.html'), 'utf8');
  const first = [...index.matchAll(/(?:src|href)="\.\/assets\/([^"]+)"/g)].map(([, name]) => name!);
  const packed = readdirSync(join(BUILT, 'assets')).map((name) => ({
    name,
    kb: gzipSync(readFileSync(join(BUILT, 'assets', name))).length / KB,
  }));
  const sum = (isOne: (name: string) => boolean): number =>
    packed.filter(({ name }) => isOne(name)).reduce((all, { kb }) => all + kb, 0);
  const isOther = (name: string): boolean => /^(de|pdf)-/.test(name);
  const sizes = {
    firstJs: sum((name) => first.includes(name) && name.endsWith('.js')),
    firstCss: sum((name) => first.includes(name) && name.endsWith('.css')),
    allJs: sum((name) => name.endsWith('.js') && !isOther(name)),
    allCss: sum((name) => name.endsWith('.css')),
    language: Math.max(...packed.filter(({ name }) => /^(de|en)-/.test(name)).map(({ kb }) => kb)),
    documents: sum((name) => /^pdf-.*\.js$/.test(name)),
  };
  console.log(
    JSON.stringify(sizes, (_, size) => (size > 0 ? Math.round(size) : (size as unknown))),
  );
  for (const [what, kb] of Object.entries(sizes)) {
    const budget = BUDGET_KB[what as keyof typeof BUDGET_KB];
    expect(kb, what).toBeLessThan(budget);
    // A budget with room to spare lets things in unseen.
    expect(kb, `${what}: lower the budget`).toBeGreaterThan(budget * 0.9);
  }
});
