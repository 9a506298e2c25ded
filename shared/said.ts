/** What a sentence is about, by name: what another language's sentence is filled with. */
export type SaidValues = Readonly<Record<string, string | number>>;

/** An English sentence, and the values in it. */
export interface Said {
  readonly text: string;
  readonly values: SaidValues;
}

/**
 * A sentence for people, with each value under a name: say`"${{ name }}" is not plugged in.` The
 * English stands where it is said and nowhere else; other languages have a sentence for the code
 * that goes with it, into which they put the same values. What is put in as a bare text belongs
 * to the English sentence.
 */
export function say(parts: TemplateStringsArray, ...fillings: readonly (string | Named)[]): Said {
  const values: Record<string, string | number> = {};
  const texts = fillings.map((filling) => {
    if (typeof filling === 'string') return filling;
    const [name, value] = Object.entries(filling)[0]!;
    values[name] = isValue(value) ? value : String(value);
    return String(value);
  });
  return { text: String.raw({ raw: parts }, ...texts), values };
}

type Named = Readonly<Record<string, string | number | bigint | null | undefined>>;

function isValue(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** The sentence alone. */
export function textOf(said: string | Said): string {
  return typeof said === 'string' ? said : said.text;
}

export function valuesOf(said: string | Said | undefined): SaidValues {
  return typeof said === 'object' ? said.values : {};
}
