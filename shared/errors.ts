import { say, textOf, valuesOf, type Note, type Said, type SaidValues } from './said.ts';

/**
 * The errors a person may meet. One kind per who-must-act; they cross process
 * borders as plain data (`toData`, `fromData`).
 *
 * | kind        | who must act                                                     |
 * |-------------|------------------------------------------------------------------|
 * | Corrupt     | the data is damaged: use another copy, repair                    |
 * | Unsupported | the format has a feature that Dendro does not read               |
 * | Denied      | the caller lacks a permission                                    |
 * | Conflict    | the request does not fit what is there: parent missing, exists   |
 * | Io          | a device, a file or a pipe failed: full, unplugged, closed       |
 * | Usage       | the request itself is wrong                                      |
 * | Cancelled   | nobody: it was asked for                                         |
 * | Bug         | us                                                               |
 */
export type ErrorKind =
  'Corrupt' | 'Unsupported' | 'Denied' | 'Conflict' | 'Io' | 'Usage' | 'Cancelled' | 'Bug';

/** Where it happened; every field is optional and in the field's own terms. */
export interface ErrorPlace {
  readonly device?: string;
  readonly tree?: number;
  readonly inode?: number;
  readonly logical?: number;
  readonly physical?: number;
  /** For people: bytes that are not UTF-8 are escaped. */
  readonly path?: string;
  /** Byte offset in the file or stream. */
  readonly offset?: number;
  /** Index of the command in a send stream, counted from 0. */
  readonly command?: number;
}

export interface ErrorData {
  readonly kind: ErrorKind;
  /** Stable, kebab-case: what scripts and translations hold on to. */
  readonly code: string;
  /** One sentence: what happened. */
  readonly message: string;
  /** One sentence: what to do. Empty when there is nothing to do. */
  readonly hint: string;
  readonly place: ErrorPlace;
  /** What message and hint are filled with. Records of older versions have none. */
  readonly values?: SaidValues | undefined;
}

export interface ErrorDetails {
  readonly hint?: string | Said;
  /** Those of an error that this one repeats; what message and hint hold is added by itself. */
  readonly values?: SaidValues | undefined;
  readonly place?: ErrorPlace;
  readonly cause?: unknown;
}

export class DendroError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hint: string;
  readonly place: ErrorPlace;
  readonly values: SaidValues;

  constructor(kind: ErrorKind, code: string, message: string | Said, details: ErrorDetails = {}) {
    super(textOf(message), details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'DendroError';
    this.kind = kind;
    this.code = code;
    this.hint = textOf(details.hint ?? '');
    this.place = details.place ?? {};
    this.values = { ...details.values, ...valuesOf(details.hint), ...valuesOf(message) };
  }
}

export function corrupt(code: string, message: string | Said, details?: ErrorDetails): DendroError {
  return new DendroError('Corrupt', code, message, details);
}
export function unsupported(
  code: string,
  message: string | Said,
  details?: ErrorDetails,
): DendroError {
  return new DendroError('Unsupported', code, message, details);
}
export function denied(code: string, message: string | Said, details?: ErrorDetails): DendroError {
  return new DendroError('Denied', code, message, details);
}
export function conflict(
  code: string,
  message: string | Said,
  details?: ErrorDetails,
): DendroError {
  return new DendroError('Conflict', code, message, details);
}
export function ioError(code: string, message: string | Said, details?: ErrorDetails): DendroError {
  return new DendroError('Io', code, message, details);
}
export function usage(code: string, message: string | Said, details?: ErrorDetails): DendroError {
  return new DendroError('Usage', code, message, details);
}
export function cancelled(): DendroError {
  return new DendroError('Cancelled', 'cancelled', 'Cancelled.');
}
export function bug(message: string, details?: ErrorDetails): DendroError {
  return new DendroError('Bug', 'bug', message, {
    hint: 'This is a defect in Dendro; please report it with the text above.',
    ...details,
  });
}

/** Throws a `Bug` unless the condition holds: for our own invariants, never for input. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw bug(message);
}

export function assertNever(value: never): never {
  throw bug(`unexpected value: ${String(value)}`);
}

export function toErrorData(error: unknown): ErrorData {
  const typed = error instanceof DendroError ? error : ofSystem(error);
  if (typed) {
    const { kind, code, message, hint, place, values } = typed;
    return { kind, code, message, hint, place, values };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { kind: 'Bug', code: 'bug', message, hint: bug('').hint, place: {} };
}

/** An error of a system call that came through the platform's own functions. */
function ofSystem(error: unknown): DendroError | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  const code = String(error.code);
  const place = 'path' in error ? { path: String(error.path) } : {};
  const message = say`A system call failed: ${{ reason: error.message }}.`;
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return ioError('target-full', message, { hint: 'Free some space, and run it again.', place });
  }
  if (code === 'EROFS') {
    const hint = 'Mount it read-write, or choose another place; after a device error, check it.';
    return ioError('read-only', message, { hint, place });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const hint = 'Run as root, or ask for the permission.';
    return denied('permission-denied', message, { hint, place });
  }
  if (code === 'ENOENT' || code === 'EEXIST' || code === 'ENOTDIR') {
    return conflict(code === 'EEXIST' ? 'exists' : 'not-found', message, { place });
  }
  return ioError('io-error', message, { hint: 'Check the drive or file that it names.', place });
}

/** What happened, as a note: for an error that work goes on past, and as the reason within another. */
export function noteOfError(error: unknown): Note {
  const { code, message, place, values } = toErrorData(error);
  return { code, text: message, values: { ...(place as SaidValues), ...values } };
}

export function fromErrorData(data: ErrorData): DendroError {
  return new DendroError(data.kind, data.code, data.message, {
    hint: data.hint,
    place: data.place,
    values: data.values,
  });
}
