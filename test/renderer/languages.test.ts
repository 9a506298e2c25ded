import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { formatAway, formatMoment } from '../../renderer/format/time.ts';
import { formatSize } from '../../renderer/format/size.ts';
import { joinWords, speak, t } from '../../renderer/text/index.ts';
import { languages, pickLanguage, textsOf } from '../../shared/text/languages.ts';
import { top } from '../packaging/built.ts';
import { pseudo } from '../../shared/text/pseudo.ts';

type Tree = { readonly [key: string]: string | Tree };

const english = flat((await textsOf('en')) as Tree);
const others = languages.filter((language) => language !== 'en');

describe.each(others)('the catalogue %s', (language) => {
  let own: Map<string, string>;
  beforeAll(async () => {
    own = flat((await textsOf(language)) as Tree);
  });

  test('has every sentence, and none too many', () => {
    const plurals = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const wanted = [...english.keys()].flatMap((key) =>
      key.endsWith('_other') ? plurals.map((form) => key.replace(/other$/, form)) : [key],
    );
    const needless = [...own.keys()].filter((key) => !wanted.includes(key) && !english.has(key));
    expect(wanted.filter((key) => !own.has(key) && !key.endsWith('_one'))).toEqual([]);
    expect(needless).toEqual([]);
  });

  test('fills in what the English sentence fills in', () => {
    const other = [...own].filter(([key, sentence]) => {
      const base = english.get(key) ?? english.get(key.replace(/_[a-z]+$/, '_other'))!;
      // A sentence for exactly one may leave the number out.
      const fillings = (text: string): string =>
        [...text.matchAll(/\{\{(\w+)[^}]*\}\}/g)]
          .map(([, name]) => name)
          .sort()
          .join();
      return fillings(sentence) !== fillings(base);
    });
    expect(other).toEqual([]);
  });

  test('is translated: only names and marks are as in English', () => {
    const same = [...own].filter(
      ([key, sentence]) => sentence === english.get(key) && !isOfCommonWords(sentence),
    );
    expect(same).toEqual([]);
  });
});

/** Words that are the same in both languages. */
const SAME = new Set(
  'Dendro Snapper Timeshift btrbk btrfs Problem System Name Inode Subvolume Generation Plan Socket Passphrase UUID TOML YAML cache iso Downloads min h s'.split(
    ' ',
  ),
);

function isOfCommonWords(sentence: string): boolean {
  const words = sentence.replace(/\{\{.*?\}\}/g, '').match(/\p{L}+/gu) ?? [];
  return words.every((word) => SAME.has(word));
}

test('each folder of the catalogue is a language that can be spoken', () => {
  const folders = readdirSync(join(top, 'shared/text'), { withFileTypes: true });
  const names = folders.filter((one) => one.isDirectory()).map(({ name }) => name);
  expect([...languages].sort()).toEqual(names.sort());
});

describe('the language of the page', () => {
  test.each([
    ['system', ['de-AT', 'en'], 'de'],
    ['system', ['fi', 'en-US'], 'en'],
    ['system', [], 'en'],
    ['de', ['en'], 'de'],
    ['tlh', ['de'], 'en'],
    ['en-XA', ['de'], 'en-XA'],
  ])('%s on a desktop with %j is %s', (chosen, ofSystem, language) => {
    expect(pickLanguage(chosen, ofSystem)).toBe(language);
  });

  test('changes sentences, numbers, lists and moments', async () => {
    await speak('de');
    const now = Date.UTC(2026, 9, 20, 12);
    expect(t('nav.running', { count: 1 })).toBe('1 Vorgang läuft');
    expect(t('nav.running', { count: 12_345 })).toBe('12.345 Vorgänge laufen');
    expect(joinWords(['a', 'b', 'c'])).toBe('a, b und c');
    expect(formatSize(6_217_334_912)).toBe('6,2\u00a0GB');
    expect(formatAway(now - 9 * 86_400_000, now)).toBe('9 Tagen');
    expect(formatMoment({ at: Date.UTC(2026, 9, 3, 18), now, timeZone: 'UTC' })).toBe(
      '3.\u00a0Oktober, 18:00',
    );
    await speak('en');
    expect(t('nav.running', { count: 12_345 })).toBe('12,345 runs in progress');
  });

  test('a pseudo sentence is longer, marked, and keeps what is filled in', () => {
    expect(pseudo('Restore {{name}} to {{folder}}')).toMatch(
      /^⟦Ŕéśţóŕé \{\{name\}\} ţó \{\{folder\}\}·+⟧$/u,
    );
  });
});

function flat(tree: Tree, path = ''): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === 'string'
        ? [[`${path}${key}`, value] as const]
        : [...flat(value, `${path}${key}.`)],
    ),
  );
}
