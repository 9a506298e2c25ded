/**
 * What the service says, in a language other than its own English. Each sentence is filled with
 * the values that came with the code, as `{{name}}`. Where a code is told with different values,
 * its sentences stand one after the other, the fullest first: the first whose values are all
 * there is taken.
 */
export type Sentences = Sentence | readonly Sentence[];

/** One sentence, or its forms by the plural of `count` in the language. */
export type Sentence = string | Plural;

export type Plural = Readonly<Partial<Record<Intl.LDMLPluralRule, string>> & { other: string }>;

export interface ErrorWord {
  /** What happened, and where. */
  readonly what: Sentences;
  /** What to do. */
  readonly todo: Sentences;
}

export type ErrorWords = Readonly<Record<string, ErrorWord>>;
export type NoteWords = Readonly<Record<string, Sentences>>;

export interface ServiceWords {
  /** By the code of an error. */
  readonly errors: ErrorWords;
  /** By the code of a note, or of what a step says of itself. */
  readonly notes: NoteWords;
}
