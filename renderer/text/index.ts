import i18next from 'i18next';
import { texts as english } from '../../shared/text/en/index.ts';
import {
  BASE,
  localeFor,
  pickLanguage,
  serviceWordsOf,
  textsOf,
} from '../../shared/text/languages.ts';
import type { Tongue } from '../../shared/text/tell.ts';
import type { ServiceWords } from '../../shared/text/words.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof english };
    returnNull: false;
  }
}

/** Where the page keeps the choice, so that its first frame is in the right language. */
const STORED = 'dendro-language';
/** The browser, where there is one; the types of tests outside of it know none. */
const page = globalThis as {
  readonly document?: { readonly documentElement: { lang: string } };
  readonly localStorage?: {
    getItem(key: string): string | null;
    setItem(key: string, value: string): void;
  };
};

let ofService: ServiceWords | undefined;

const catalogue = i18next.createInstance();
await catalogue.init({
  lng: BASE,
  fallbackLng: BASE,
  resources: { [BASE]: { translation: english } },
  // React escapes what it shows; escaping twice would spoil names.
  interpolation: { escapeValue: true, escape: isolated },
});
// Tests outside of a browser speak English, whatever this computer does.
if (page.document) await speak(stored());

export const t = catalogue.t.bind(catalogue);

const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/** What is written from right to left takes the figures behind it along, unless it stands alone. */
function isolated(value: string): string {
  return RIGHT_TO_LEFT.test(value) ? `\u2068${value}\u2069` : value;
}

/** Shows another language from now on: a tag, or `system`. What is on the page is not redrawn. */
export async function speak(chosen: string): Promise<void> {
  const language = pickLanguage(chosen, navigator.languages);
  if (!catalogue.hasResourceBundle(language, 'translation'))
    catalogue.addResourceBundle(language, 'translation', await textsOf(language));
  ofService = await serviceWordsOf(language);
  await catalogue.changeLanguage(language);
  if (page.document) page.document.documentElement.lang = language;
  remember(chosen);
}

/** The language that is shown. */
export function currentLanguage(): string {
  return catalogue.language;
}

/** What the service says is told in the language that is shown. */
export function tongue(): Tongue {
  return { language: currentLanguage(), locale: locale(), service: ofService };
}

export function onLanguage(listener: () => void): () => void {
  catalogue.on('languageChanged', listener);
  return () => catalogue.off('languageChanged', listener);
}

/** For dates and numbers, see `localeFor`. */
export function locale(): string {
  return localeFor(currentLanguage(), page.document ? navigator.languages : []);
}

/** `a`, `a and b`, `a, b and c`, as the language joins words. */
export function joinWords(words: readonly string[]): string {
  return new Intl.ListFormat(locale(), { style: 'long', type: 'conjunction' }).format(words);
}

function stored(): string {
  try {
    return page.localStorage?.getItem(STORED) ?? 'system';
  } catch {
    // Storage may be refused: the system's language is right then.
    return 'system';
  }
}

function remember(chosen: string): void {
  try {
    page.localStorage?.setItem(STORED, chosen);
  } catch {
    // Asked of the service at the next start.
  }
}
