import { textOf, type Note, type Noted, type SaidValues } from '../../shared/said.ts';
import { currentLanguage, locale, serviceWords } from '../text/index.ts';
import type { Sentence, Sentences } from '../text/words.ts';

const FILLING = /\{\{(\w+)(, number)?\}\}/g;

/** A text of the service, and whether it is in the language of the page or in its own English. */
export interface Told {
  readonly text: string;
  readonly isOurs: boolean;
}

/** What a run noted, or a step says of itself. Those of older versions stay as they are. */
export function toldNote(note: Noted): Told {
  const own = typeof note === 'string' ? undefined : ownWords(note);
  return own ? { text: own.text, isOurs: true } : { text: textOf(note), isOurs: false };
}

/** What a run is called. */
export function runTitle({ title }: { readonly title: Noted }): string {
  return toldNote(title).text;
}

/** An error that work went on past is noted under its own code. */
function ownWords({ code, values }: Note): ReturnType<typeof inOurWords> {
  const words = serviceWords();
  return inOurWords(words?.notes[code], values) ?? inOurWords(words?.errors[code]?.what, values);
}

/**
 * The first of the sentences whose values are all there, filled in, and which it used;
 * undefined when none can be said. `{{name, number}}` is written as the language writes numbers.
 */
export function inOurWords(
  sentences: Sentences | undefined,
  values: SaidValues,
): { readonly text: string; readonly used: ReadonlySet<string> } | undefined {
  const chosen = choicesOf(sentences).find((one) =>
    fillingsOf(one).every((name) => values[name] !== undefined),
  );
  if (chosen === undefined) return undefined;
  const text = formOf(chosen, values).replace(FILLING, (_, name: string, isNumber?: string) => {
    const value = values[name]!;
    if (typeof value === 'object') return toldNote(value).text;
    if (isNumber === undefined || typeof value === 'string') return String(value);
    return new Intl.NumberFormat(locale()).format(value);
  });
  return { text, used: new Set(fillingsOf(chosen)) };
}

export function choicesOf(sentences: Sentences | undefined): readonly Sentence[] {
  if (sentences === undefined) return [];
  return Array.isArray(sentences) ? (sentences as readonly Sentence[]) : [sentences as Sentence];
}

/** The forms of a sentence: one, or one for each plural of the language. */
export function formsOf(sentence: Sentence): readonly string[] {
  return typeof sentence === 'string' ? [sentence] : Object.values(sentence);
}

/** The names of what a sentence is filled with; a form for one may leave the number out. */
export function fillingsOf(sentence: Sentence): string[] {
  const names = formsOf(sentence).flatMap((form) =>
    [...form.matchAll(FILLING)].map(([, name]) => name!),
  );
  return [...new Set(names)];
}

function formOf(sentence: Sentence, values: SaidValues): string {
  if (typeof sentence === 'string') return sentence;
  const rule = new Intl.PluralRules(currentLanguage()).select(Number(values['count']));
  return sentence[rule] ?? sentence.other;
}
