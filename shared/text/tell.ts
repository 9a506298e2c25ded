import type { ErrorData } from '../errors.ts';
import { textOf, type Note, type Noted, type SaidValues } from '../said.ts';
import { localeFor, pickLanguage, serviceWordsOf } from './languages.ts';
import type { Sentence, Sentences, ServiceWords } from './words.ts';

/** A language to tell things in. */
export interface Tongue {
  /** One of `languages`: chooses the forms of the plural. */
  readonly language: string;
  /** How numbers and dates are written: a variant of the language. */
  readonly locale: string;
  /** Undefined for the English of the service itself. */
  readonly service: ServiceWords | undefined;
}

export const ENGLISH: Tongue = { language: 'en', locale: 'en-GB', service: undefined };

/** A text of the service, and whether it is in the language asked for or in its own English. */
export interface Told {
  readonly text: string;
  readonly isOurs: boolean;
}

/**
 * @param chosen as the settings have it: a tag, or `system`
 * @param ofSystem the tags of the desktop's languages, the liked ones first
 */
export async function tongueOf(chosen: string, ofSystem: readonly string[]): Promise<Tongue> {
  const language = pickLanguage(chosen, ofSystem);
  const service = await serviceWordsOf(language);
  return { language, locale: localeFor(language, ofSystem), service };
}

/** What a run noted, or a step says of itself. Those of older versions stay as they are. */
export function toldNote(note: Noted, tongue: Tongue): Told {
  const own = typeof note === 'string' ? undefined : ownWords(note, tongue);
  return own ? { text: own.text, isOurs: true } : { text: textOf(note), isOurs: false };
}

/** An error that work went on past is noted under its own code. */
function ownWords({ code, values }: Note, tongue: Tongue): Filled | undefined {
  const { service } = tongue;
  return (
    inOurWords(service?.notes[code], values, tongue) ??
    inOurWords(service?.errors[code]?.what, values, tongue)
  );
}

/** What happened in the language's own words; undefined where it has none. */
export function ownWhat(error: ErrorData, tongue: Tongue): Filled | undefined {
  return inOurWords(tongue.service?.errors[error.code]?.what, valuesOfError(error), tongue);
}

/** What happened, in one sentence: the one with the names in it. */
export function toldWhat(error: ErrorData, tongue: Tongue): string {
  return ownWhat(error, tongue)?.text ?? error.message;
}

/** What to do; '' when there is nothing. */
export function toldTodo(error: ErrorData, tongue: Tongue): Told {
  const words = tongue.service?.errors[error.code]?.todo;
  const own = inOurWords(words, valuesOfError(error), tongue);
  return own ? { text: own.text, isOurs: true } : { text: error.hint, isOurs: false };
}

function valuesOfError({ place, values }: ErrorData): SaidValues {
  return { ...(place as SaidValues), ...values };
}

/** A sentence with its values in it, and the names of those that it used. */
export interface Filled {
  readonly text: string;
  readonly used: ReadonlySet<string>;
}

const FILLING = /\{\{(\w+)(, number)?\}\}/g;

/**
 * The first of the sentences whose values are all there, filled in; undefined when none can be
 * said. `{{name, number}}` is written as the language writes numbers.
 */
export function inOurWords(
  sentences: Sentences | undefined,
  values: SaidValues,
  tongue: Tongue,
): Filled | undefined {
  const chosen = choicesOf(sentences).find((one) =>
    fillingsOf(one).every((name) => values[name] !== undefined),
  );
  if (chosen === undefined) return undefined;
  const form = formOf(chosen, values, tongue);
  const text = form.replace(FILLING, (_, name: string, isNumber?: string) => {
    const value = values[name]!;
    if (typeof value === 'object') return toldNote(value, tongue).text;
    if (isNumber === undefined || typeof value === 'string') return String(value);
    return new Intl.NumberFormat(tongue.locale).format(value);
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

function formOf(sentence: Sentence, values: SaidValues, { language }: Tongue): string {
  if (typeof sentence === 'string') return sentence;
  const rule = new Intl.PluralRules(language).select(Number(values['count']));
  return sentence[rule] ?? sentence.other;
}
