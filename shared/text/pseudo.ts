import type { Texts } from './languages.ts';

/** The English catalogue in letters with marks, a third longer, between brackets. */
export function pseudoTexts(english: Texts): Texts {
  return changed(english, pseudo);
}

/** `Restore {{name}}` becomes `⟦Ŕéśţóŕé {{name}} ···⟧`: what is filled in stays as it is. */
export function pseudo(sentence: string): string {
  const parts = sentence.split(/(\{\{.*?\}\}|\$t\(.*?\))/);
  const marked = parts.map((part, i) => (i % 2 === 1 ? part : withMarks(part))).join('');
  const letters = sentence.replace(/\{\{.*?\}\}/g, '').length;
  return `⟦${marked}${'·'.repeat(Math.ceil(letters / 3))}⟧`;
}

const PLAIN = 'aceilnorstuyzACEILNORSTUYZ';
const MARKED = 'áćéíĺńóŕśţúýźÁĆÉÍĹŃÓŔŚŢÚÝŹ';

function withMarks(text: string): string {
  return text.replace(/\p{L}/gu, (letter) => MARKED[PLAIN.indexOf(letter)] ?? letter);
}

function changed(tree: Texts, change: (sentence: string) => string): Texts {
  return Object.fromEntries(
    Object.entries(tree).map(([key, value]) => [
      key,
      typeof value === 'string' ? change(value) : changed(value, change),
    ]),
  );
}
