import { expect, test } from '@playwright/test';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

const ASSETS = join(import.meta.dirname, '../../out/renderer/assets');
const KB = 1_000;

/** Packed kilobytes of each kind: a library that doubles the page does not come in unseen. */
const BUDGET_KB = { js: 345, css: 60, language: 18 };

test('the built page keeps to its budget', () => {
  const packed = readdirSync(ASSETS).map((name) => ({
    name,
    kb: gzipSync(readFileSync(join(ASSETS, name))).length / KB,
  }));
  const sum = (pick: RegExp): number =>
    packed.filter(({ name }) => pick.test(name)).reduce((all, { kb }) => all + kb, 0);
  expect(sum(/\.js$/)).toBeGreaterThan(0);
  expect(sum(/^index-.*\.js$/)).toBeLessThan(BUDGET_KB.js);
  expect(sum(/\.css$/)).toBeLessThan(BUDGET_KB.css);
  for (const { name, kb } of packed.filter(({ name: file }) => /^(de|en)-.*\.js$/.test(file)))
    expect(kb, name).toBeLessThan(BUDGET_KB.language);
});
