import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { choicesOf, fillingsOf, formsOf } from '../../shared/text/tell.ts';
import { BASE, languages, serviceWordsOf } from '../../shared/text/languages.ts';
import type { Sentences, ServiceWords } from '../../shared/text/words.ts';
import { errorCodes, type ErrorCode } from '../../packaging/manual/error-codes.ts';
import { stepLabel } from '../../renderer/model/step-label.ts';
import { englishValues } from './english-values.ts';
import { noteCodes, stepNames } from './note-codes.ts';
import { top } from '../packaging/built.ts';

const { codes } = errorCodes(top);
const notes = noteCodes(top);
const english = englishValues(top);
/** What an error may say of its place besides, see `ErrorPlace`. */
const OF_PLACE = 'device tree inode logical physical path offset command'.split(' ');

describe.each(languages.filter((language) => language !== BASE))('in %s', async (language) => {
  const words = (await serviceWordsOf(language)) as ServiceWords;

  test('each error has words, and no words are left over', () => {
    expect(codes.filter(({ code }) => !words.errors[code]).map(({ code }) => code)).toEqual([]);
    const known = new Set(codes.map(({ code }) => code));
    expect(Object.keys(words.errors).filter((code) => !known.has(code))).toEqual([]);
  });

  // Two errors of one code, each with words in a file of its own: the words of one told the other.
  test('no code has words in two files', async () => {
    const seen = new Set<string>();
    const twice: string[] = [];
    for (const file of globSync(join(top, 'shared/text', language, 'service/*.ts'))) {
      if (file.endsWith('/index.ts')) continue;
      const parts = Object.values((await import(file)) as Record<string, object>);
      const said = parts.flatMap((part) =>
        Object.entries(part).map(([code, one]) => {
          const isError = typeof one === 'object' && 'what' in one;
          return `${isError ? 'error' : 'note'} ${code}`;
        }),
      );
      twice.push(...said.filter((one) => seen.has(one)));
      for (const one of said) seen.add(one);
    }
    expect(twice).toEqual([]);
  });

  test('each place that makes an error has a sentence that its values suffice for', () => {
    const without = codes.flatMap(({ code, values }) =>
      values
        .filter(
          (given) => ![words.errors[code]!.what, words.errors[code]!.todo].every(suits(given)),
        )
        .map((given) => `${code}: ${given.join(' ')}`),
    );
    expect(without).toEqual([]);
  });

  test('each sentence is filled with what some place gives, and can come to be said', () => {
    expect(codes.flatMap((code) => strange(code, words))).toEqual([]);
  });

  test('no sentence is the English one', () => {
    const english = new Set(codes.flatMap(({ sentences }) => sentences));
    const same = Object.values(words.errors)
      .flatMap(({ what, todo }) => [...forms(what), ...forms(todo)])
      .filter((sentence) => english.has(sentence.replace(/\{\{.*?\}\}/g, '…')));
    const sameNotes = notes.codes.flatMap(({ code, bare }) =>
      forms(words.notes[code]!).filter((sentence) => bare.includes(sentence)),
    );
    expect([...same, ...sameNotes]).toEqual([]);
  });

  test('each note, and what each step says of itself, has words, and none are left over', () => {
    const known = notes.codes.map(({ code }) => code);
    expect(known.filter((code) => !words.notes[code])).toEqual([]);
    expect(Object.keys(words.notes).filter((code) => !known.includes(code))).toEqual([]);
    expect(notes.untold).toEqual([]);
  });

  test('each word of a note is filled with what some place gives', () => {
    const strangers = notes.codes.flatMap(({ code, values }) =>
      choicesOf(words.notes[code])
        .filter((one) => !fillingsOf(one).every((name) => values.has(name)))
        .map((one) => `${code}: ${formsOf(one).join(' / ')}`),
    );
    expect(strangers).toEqual([]);
  });

  // `Das Archiv ließ sich nicht sperren (failed)`: halves of English sentences stood in others.
  test('no sentence is filled with English words', () => {
    const mixed = english.filter(({ code, name }) => {
      const { what = [], todo = [] } = words.errors[code] ?? {};
      return [what, todo, words.notes[code] ?? []]
        .flatMap(choicesOf)
        .some((one) => fillingsOf(one).includes(name));
    });
    expect(mixed.map(({ code, name, words }) => `${code}, ${name}: ${words}`)).toEqual([]);
  });

  test('a counted sentence has each plural of the language, and counts `count`', () => {
    const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const all = [...Object.values(words.notes), ...Object.values(words.errors).map((e) => e.what)];
    const wrong = all.flatMap(choicesOf).filter((one) => {
      if (typeof one === 'string') return false;
      return !fillingsOf(one).includes('count') || wanted.some((form) => !(form in one));
    });
    expect(wrong).toEqual([]);
  });
});

// Eight steps were shown by the words of the program: `compose`, `drill`, `index`.
test('each step of a run has a name for people', () => {
  const steps = stepNames(top);
  expect(steps).toContain('rollback');
  expect(steps.filter((name) => stepLabel(name) === name)).toEqual([]);
});

/** Every form of every sentence. */
function forms(sentences: Sentences): readonly string[] {
  return choicesOf(sentences).flatMap(formsOf);
}

function suits(given: readonly string[]): (sentences: Sentences) => boolean {
  return (sentences) =>
    choicesOf(sentences).some((one) => fillingsOf(one).every((name) => given.includes(name)));
}

/** Sentences that ask for a value nobody gives, or stand behind one that is always taken. */
function strange({ code, values }: ErrorCode, words: ServiceWords): string[] {
  const given = new Set([...OF_PLACE, ...values.flat()]);
  const { what, todo } = words.errors[code]!;
  return [what, todo].flatMap((sentences) =>
    choicesOf(sentences)
      .filter((one, at) => {
        const isHidden = at > 0 && fillingsOf(choicesOf(sentences)[at - 1]!).length === 0;
        return isHidden || fillingsOf(one).some((name) => !given.has(name));
      })
      .map((sentence) => `${code}: ${formsOf(sentence).join(' / ')}`),
  );
}
