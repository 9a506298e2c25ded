import type { ErrorData, ErrorPlace } from '../../shared/errors.ts';
import { ownWhat, toldTodo, toldWhat, type Told } from '../../shared/text/tell.ts';
import { t, tongue } from '../text/index.ts';

/** Codes whose meaning is more than their kind's. */
const BY_CODE = {
  'target-full': 'meaning.targetFull',
  'parent-missing': 'meaning.parentMissing',
  'device-gone': 'meaning.deviceGone',
  'stream-cut-short': 'meaning.streamBad',
  'stream-checksum': 'meaning.streamBad',
  'stream-malformed': 'meaning.streamBad',
  'snapshot-changed': 'meaning.streamBad',
  'run-interrupted': 'meaning.interrupted',
  'data-damaged': 'meaning.dataDamaged',
  'plan-changed': 'meaning.planChanged',
} as const;

/** A key that does not fit, or is still to come: nothing of the data was come near to. */
const OF_KEYS: ReadonlySet<string> = new Set([
  ...['passphrase-needed', 'passphrase-wrong', 'archive-encrypted', 'wrong-passphrase'],
  ...['wrong-key', 'keyring-locked', 'passphrases-differ'],
]);

/** Formats that this version does not read; what else is unsupported has nothing to do with data. */
export const UNREAD: ReadonlySet<string> = new Set([
  ...['archive-version', 'wire-version', 'stream-version', 'stream-command', 'compression'],
  ...['encrypted-extent', 'extent-encoding', 'unknown-extent', 'unknown-compression'],
  ...['compression-unknown', 'unknown-checksum', 'unsupported-feature', 'size-too-large'],
]);

/** Codes whose message is for those who know the system: words for anyone stand before it. */
const FOR_ANYONE = {
  'target-full': 'plainly.targetFull',
  'device-gone': 'plainly.deviceGone',
  'permission-denied': 'plainly.denied',
  'stream-cut-short': 'plainly.streamCutShort',
  'stream-checksum': 'plainly.streamDamaged',
} as const;

function isCodeOf<Codes extends object>(codes: Codes, code: PropertyKey): code is keyof Codes {
  return Object.hasOwn(codes, code);
}

/**
 * What happened; `detail` is the message of the service, in its English, where that has names
 * and figures that the headline lacks, else ''.
 */
export function whatHappened(error: ErrorData): { headline: Told; detail: string } {
  const { code, message, values } = error;
  const own = ownWhat(error, tongue());
  if (own) {
    const isAll =
      values !== undefined &&
      Object.keys(values).every((name) => own.used.has(name) || isInCodeLine(error, name));
    return { headline: { text: own.text, isOurs: true }, detail: isAll ? '' : message };
  }
  return isCodeOf(FOR_ANYONE, code)
    ? { headline: { text: t(FOR_ANYONE[code]), isOurs: true }, detail: message }
    : { headline: { text: message, isOurs: false }, detail: '' };
}

/** Told where the code is: the place, and the system call that failed with its errno. */
function isInCodeLine({ place, values }: ErrorData, name: string): boolean {
  if (values?.[name] === place[name as keyof ErrorPlace]) return true;
  return values?.['errno'] !== undefined && (name === 'what' || name === 'errno');
}

/** `write to: ENOSPC`, for those who know the system, where no sentence has it; else ''. */
export function systemCall({ values }: ErrorData): string {
  const { what, errno } = values ?? {};
  return typeof what === 'string' && typeof errno === 'string' ? `${what}: ${errno}` : '';
}

/** What happened, where there is room for one sentence only: the one with the names in it. */
export function inOneSentence(error: ErrorData): string {
  return toldWhat(error, tongue());
}

/** What to do; '' when there is nothing. */
export function whatToDo(error: ErrorData): Told {
  return toldTodo(error, tongue());
}

/** What an error means for the data, by code, else by who must act; '' when the message says it. */
export function meaningOf({ kind, code }: Pick<ErrorData, 'kind' | 'code'>): string {
  if (isCodeOf(BY_CODE, code)) return t(BY_CODE[code]);
  if (OF_KEYS.has(code)) return '';
  switch (kind) {
    case 'Corrupt':
      return t('meaning.corrupt');
    case 'Unsupported':
      return t(UNREAD.has(code) ? 'meaning.unsupported' : 'meaning.conflict');
    // A right can be found missing in the middle, too.
    case 'Denied':
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
