/** What a sentence is about, by name: what another language's sentence is filled with. */
export type SaidValues = Readonly<Record<string, SaidValue>>;

/** A name or number, or a sentence of its own within the other one: why, what of it. */
export type SaidValue = string | number | Note;

/** An English sentence, and the values in it. */
export interface Said {
  readonly text: string;
  readonly values: SaidValues;
}

/**
 * A sentence for people, with each value under a name: say`"${{ name }}" is not plugged in.` The
 * English stands where it is said and nowhere else; other languages have a sentence for the code
 * that goes with it, into which they put the same values. A bare text belongs to the English
 * sentence alone; a part that was said before brings its values with it.
 */
export function say(
  parts: TemplateStringsArray,
  ...fillings: readonly (string | Said | Named)[]
): Said {
  const values: Record<string, SaidValue> = {};
  const texts = fillings.map((filling) => {
    if (typeof filling === 'string') return filling;
    if (isSaid(filling)) {
      Object.assign(values, filling.values);
      return filling.text;
    }
    const [name, value] = Object.entries(filling)[0]!;
    values[name] = isValue(value) ? value : String(value);
    return isNote(value) ? value.text : String(value);
  });
  return { text: String.raw({ raw: parts }, ...texts), values };
}

type Named = Readonly<Record<string, SaidValue | bigint | null | undefined>>;

function isSaid(filling: Said | Named): filling is Said {
  return 'text' in filling && typeof filling['values'] === 'object';
}

function isValue(value: unknown): value is SaidValue {
  return typeof value === 'string' || typeof value === 'number' || isNote(value);
}

export function isNote(value: unknown): value is Note {
  const isObject = typeof value === 'object' && value !== null;
  return isObject && 'code' in value && 'text' in value && 'values' in value;
}

/** The sentence alone. */
export function textOf(said: string | Said): string {
  return typeof said === 'string' ? said : said.text;
}

export function valuesOf(said: string | Said | undefined): SaidValues {
  return typeof said === 'object' ? said.values : {};
}

/** A sentence under its code: what a run notes, and what a step says of itself. */
export interface Note extends Said {
  readonly code: string;
}

/** A note as it is kept: those of older versions are the English sentence alone. */
export type Noted = string | Note;

export function noted(code: string, said: string | Said): Note {
  return { code, text: textOf(said), values: valuesOf(said) };
}

/** 'file' of one, 'files' of any other number: for the English sentence, beside the number. */
export function counted(count: number, one: string, other: string): string {
  return ENGLISH.select(count) === 'one' ? one : other;
}

const ENGLISH = new Intl.PluralRules('en');
