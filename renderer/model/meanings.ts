import type { ErrorData } from '../../shared/errors.ts';
import { errors } from '../text/en/errors.ts';
import { currentLanguage, t } from '../text/index.ts';
import { BASE } from '../text/languages.ts';

/** Codes whose meaning is more than their kind's. */
const BY_CODE = {
  'target-full': 'meaning.targetFull',
  'parent-missing': 'meaning.parentMissing',
  'device-gone': 'meaning.deviceGone',
  'stream-cut-short': 'meaning.streamBad',
  'stream-checksum': 'meaning.streamBad',
  'stream-malformed': 'meaning.streamBad',
  'run-interrupted': 'meaning.interrupted',
  'data-damaged': 'meaning.dataDamaged',
} as const;

function hasMeaning(code: string): code is keyof typeof BY_CODE {
  return Object.hasOwn(BY_CODE, code);
}

/** Codes whose message is for those who know the system: words for anyone stand before it. */
const FOR_ANYONE: ReadonlySet<string> = new Set([
  ...['target-full', 'device-gone', 'permission-denied', 'stream-cut-short', 'stream-checksum'],
]);

/**
 * The headline of an error, and its own message where that adds to it: names and figures, in the
 * English of the service. Where the page speaks English, too, the message alone says it best.
 */
export function whatHappened({ code, message }: Pick<ErrorData, 'code' | 'message'>): {
  readonly headline: string;
  readonly detail: string;
} {
  const isTold = hasWords(code) && (isForeign() || FOR_ANYONE.has(code));
  return isTold
    ? { headline: t(`told.${code}`), detail: message }
    : { headline: message, detail: '' };
}

/** What to do, and whether that is in the language of the page. */
export function whatToDo({ code, hint }: Pick<ErrorData, 'code' | 'hint'>): {
  readonly advice: string;
  readonly isOurs: boolean;
} {
  return hasWords(code) && isForeign()
    ? { advice: t(`advice.${code}`), isOurs: true }
    : { advice: hint, isOurs: false };
}

function hasWords(code: string): code is keyof typeof errors.told {
  return Object.hasOwn(errors.told, code);
}

/** The page speaks another language than the service does. */
function isForeign(): boolean {
  return currentLanguage() !== BASE;
}

/** What an error means for the data, by code, else by who must act; '' when the message says it. */
export function meaningOf({ kind, code }: Pick<ErrorData, 'kind' | 'code'>): string {
  if (hasMeaning(code)) return t(BY_CODE[code]);
  switch (kind) {
    case 'Corrupt':
      return t('meaning.corrupt');
    case 'Unsupported':
      return t('meaning.unsupported');
    case 'Denied':
      return t('meaning.denied');
    case 'Conflict':
      return t('meaning.conflict');
    case 'Io':
      return t('meaning.io');
    case 'Usage':
    case 'Cancelled':
      return '';
    case 'Bug':
      return t('meaning.bug');
  }
}
