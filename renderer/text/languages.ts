/// <reference types="vite/types/importMeta.d.ts" />
import type { ResourceKey } from 'i18next';
import type { ServiceWords } from './words.ts';

/** The language that a page falls back to, and that every other one is measured by. */
export const BASE = 'en';
/** English with strange letters, a third longer: what is not in the catalogue shows. For tests. */
export const PSEUDO = 'en-XA';

/** Each folder beside this file that has an index is a language, called by its BCP 47 tag. */
const folders = import.meta.glob<Language>('./*/index.ts');

interface Language {
  readonly texts: ResourceKey;
  /** None in English, which the service speaks itself. */
  readonly service?: ServiceWords;
}

export const languages: readonly string[] = Object.keys(folders).map((path) => path.split('/')[1]!);

/** The sentences of a language, fetched when it is first shown. */
export async function textsOf(language: string): Promise<ResourceKey> {
  if (language === PSEUDO) return (await import('./pseudo.ts')).pseudoTexts();
  return (await folderOf(language)).texts;
}

/** What the service says in a language; undefined for the English of the service itself. */
export async function serviceWordsOf(language: string): Promise<ServiceWords | undefined> {
  return language === PSEUDO ? undefined : (await folderOf(language)).service;
}

async function folderOf(language: string): Promise<Language> {
  const load = folders[`./${language}/index.ts`];
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

/** What a language calls itself: `English`, `Deutsch`. */
export function ownName(language: string): string {
  const name = new Intl.DisplayNames([language], { type: 'language' }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}
