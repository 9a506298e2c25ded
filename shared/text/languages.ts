import { pseudoTexts } from './pseudo.ts';
import type { ServiceWords } from './words.ts';

/** The language that is fallen back to, and that every other one is measured by. */
export const BASE = 'en';
/** English with strange letters, a third longer: what is not in the catalogue shows. For tests. */
export const PSEUDO = 'en-XA';

/**
 * A folder beside this file for each language, called by its BCP 47 tag. Named one by one: the
 * page, the bundle and the sources as they are can all load a file that is named.
 */
const folders: Readonly<Record<string, () => Promise<Language>>> = {
  de: () => import('./de/index.ts'),
  en: () => import('./en/index.ts'),
};

/** Sentences of the page by their keys. */
export interface Texts {
  readonly [key: string]: string | Texts;
}

interface Language {
  readonly texts: Texts;
  /** None in English, which the service speaks itself. */
  readonly service?: ServiceWords;
}

export const languages: readonly string[] = Object.keys(folders);

/** The sentences of a language, fetched when it is first shown. */
export async function textsOf(language: string): Promise<Texts> {
  if (language === PSEUDO) return pseudoTexts((await folderOf(BASE)).texts);
  return (await folderOf(language)).texts;
}

/** What the service says in a language; undefined for the English of the service itself. */
export async function serviceWordsOf(language: string): Promise<ServiceWords | undefined> {
  if (language === PSEUDO || language === BASE) return undefined;
  return (await folderOf(language)).service;
}

async function folderOf(language: string): Promise<Language> {
  const load = folders[language];
  if (!load) throw new Error(`no folder for the language ${language}`);
  return load();
}

/**
 * The language to show: the chosen one, or for `system` the first of the desktop's that there
 * is. `de-AT` is content with `de`.
 */
export function pickLanguage(
  chosen: string,
  ofSystem: readonly string[],
  known: readonly string[] = languages,
): string {
  const wanted = chosen === 'system' ? ofSystem : [chosen];
  for (const tag of wanted) {
    if (tag === PSEUDO) return PSEUDO;
    const found = [tag, tag.split('-')[0]!].find((name) => known.includes(name));
    if (found !== undefined) return found;
  }
  return BASE;
}

/** For dates and numbers: the desktop's own variant of the language; English has 24 hours. */
export function localeFor(language: string, ofSystem: readonly string[]): string {
  if (language === BASE || language === PSEUDO) return 'en-GB';
  return ofSystem.find((tag) => tag.split('-')[0] === language) ?? language;
}

/** What a language calls itself: `English`, `Deutsch`. */
export function ownName(language: string): string {
  const name = new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}
