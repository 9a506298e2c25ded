/** Whether a name, as bytes, is what was asked for. */
export type NameMatcher = (bytes: Uint8Array, start: number, end: number) => boolean;

const STAR = 0x2a;
const QUESTION = 0x3f;

/**
 * Compiles a shell pattern: `*` any bytes, `?` one character of UTF-8, `[a-z]` and `[!a-z]`
 * ASCII classes, `\` takes what follows as it is. Names stay bytes; nothing is allocated
 * for a name that does not match.
 * @param ignoreCase ASCII letters only.
 */
export function compileGlob(pattern: Uint8Array, ignoreCase = false): NameMatcher {
  const parts = parse(pattern, ignoreCase);
  return (bytes, start, end) => matches(parts, bytes, start, end, ignoreCase);
}

/** A byte, one of the two wildcards as negative numbers, or the bytes of a class. */
type Part = number | ReadonlySet<number>;
const ANY = -1;
const ONE = -2;

function parse(pattern: Uint8Array, ignoreCase: boolean): Part[] {
  const parts: Part[] = [];
  for (let at = 0; at < pattern.length; at += 1) {
    const byte = pattern[at]!;
    if (byte === STAR) {
      if (parts.at(-1) !== ANY) parts.push(ANY);
    } else if (byte === QUESTION) parts.push(ONE);
    else if (byte === 0x5b && classEnd(pattern, at) > 0) {
      const end = classEnd(pattern, at);
      parts.push(parseClass(pattern, at + 1, end, ignoreCase));
      at = end;
    } else {
      if (byte === 0x5c && at + 1 < pattern.length) at += 1;
      parts.push(ignoreCase ? lower(pattern[at]!) : pattern[at]!);
    }
  }
  return parts;
}

/** Where the `]` of a class stands, or -1: then the bracket means itself. */
function classEnd(pattern: Uint8Array, open: number): number {
  const first = pattern[open + 1] === 0x21 ? open + 2 : open + 1;
  return pattern.indexOf(0x5d, first + 1);
}

function parseClass(
  pattern: Uint8Array,
  start: number,
  end: number,
  ignoreCase: boolean,
): ReadonlySet<number> {
  const isNegated = pattern[start] === 0x21;
  const members = new Set<number>();
  for (let at = isNegated ? start + 1 : start; at < end; at += 1) {
    const isRange = pattern[at + 1] === 0x2d && at + 2 < end;
    const last = isRange ? pattern[at + 2]! : pattern[at]!;
    for (let byte = pattern[at]!; byte <= last; byte += 1) {
      members.add(ignoreCase ? lower(byte) : byte);
    }
    if (isRange) at += 2;
  }
  if (!isNegated) return members;
  return new Set(Array.from({ length: 256 }, (_, byte) => byte).filter((b) => !members.has(b)));
}

/** Goes back to the last star only: linear but for patterns with many stars. */
function matches(
  parts: readonly Part[],
  bytes: Uint8Array,
  start: number,
  end: number,
  ignoreCase: boolean,
): boolean {
  let at = start;
  let part = 0;
  let starPart = -1;
  let starAt = start;
  while (at < end) {
    const wanted = parts[part];
    const byte = ignoreCase ? lower(bytes[at]!) : bytes[at]!;
    if (wanted === ANY) {
      part += 1;
      if (part === parts.length) return true;
      starPart = part;
      starAt = at;
    } else if (wanted === ONE) {
      at = characterEnd(bytes, at, end);
      part += 1;
    } else if (wanted === byte || (typeof wanted === 'object' && wanted.has(byte))) {
      at += 1;
      part += 1;
    } else if (starPart >= 0) {
      starAt += 1;
      at = starAt;
      part = starPart;
    } else return false;
  }
  while (parts[part] === ANY) part += 1;
  return part === parts.length;
}

/** The end of a UTF-8 character; a byte that is none counts for one. */
function characterEnd(bytes: Uint8Array, at: number, end: number): number {
  let next = at + 1;
  if (bytes[at]! < 0xc0) return next;
  while (next < end && next < at + 4 && (bytes[next]! & 0xc0) === 0x80) next += 1;
  return next;
}

function lower(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte + 32 : byte;
}
