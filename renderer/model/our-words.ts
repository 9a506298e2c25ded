import type { SaidValues } from '../../shared/said.ts';
import { locale } from '../text/index.ts';
import type { Sentences } from '../text/words.ts';

const FILLING = /\{\{(\w+)(, number)?\}\}/g;

/**
 * The first of the sentences whose values are all there, filled in, and which it used;
 * undefined when none can be said. `{{name, number}}` is written as the language writes numbers.
 */
export function inOurWords(
  sentences: Sentences | undefined,
  values: SaidValues,
): { readonly text: string; readonly used: ReadonlySet<string> } | undefined {
  const choices = typeof sentences === 'string' ? [sentences] : (sentences ?? []);
  const chosen = choices.find((one) => fillingsOf(one).every((name) => values[name] !== undefined));
  if (chosen === undefined) return undefined;
  const text = chosen.replace(FILLING, (_, name: string, isNumber: string | undefined) => {
    const value = values[name]!;
    if (isNumber === undefined || typeof value === 'string') return String(value);
    return new Intl.NumberFormat(locale()).format(value);
  });
  return { text, used: new Set(fillingsOf(chosen)) };
}

/** The names of what a sentence is filled with. */
export function fillingsOf(sentence: string): string[] {
  return [...sentence.matchAll(FILLING)].map(([, name]) => name!);
}
