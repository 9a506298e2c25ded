import i18next from 'i18next';
import { en } from './en.ts';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
    returnNull: false;
  }
}

const texts = i18next.createInstance();
await texts.init({
  lng: 'en',
  fallbackLng: 'en',
  resources: { en: { translation: en } },
  // React escapes what it shows; escaping twice would spoil names.
  interpolation: { escapeValue: false },
});

export const t = texts.t.bind(texts);

/** For dates and numbers: the language's own, with a 24-hour clock in English. */
export function locale(): string {
  return texts.language === 'en' ? 'en-GB' : texts.language;
}

/** `a`, `a and b`, `a, b and c`, as the language joins words. */
export function joinWords(words: readonly string[]): string {
  return new Intl.ListFormat(locale(), { style: 'long', type: 'conjunction' }).format(words);
}
