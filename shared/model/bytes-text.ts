/**
 * Names on btrfs are bytes in no encoding. Across a process border, and in JSON, they travel
 * as text that keeps every byte: valid UTF-8 as it is, any other byte 0x80..0xFF as the lone
 * surrogate U+DC80..U+DCFF (the convention of Python's PEP 383, "surrogateescape").
 * JSON escapes lone surrogates, so the text survives every carrier.
 */
const SURROGATE_BASE = 0xdc00;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Bytes to text that `bytesFromText` turns back into the same bytes. */
export function textFromBytes(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeWithEscapes(bytes);
  }
}

/** The bytes that the text stands for; other lone surrogates become U+FFFD. */
export function bytesFromText(text: string): Uint8Array {
  if (text.isWellFormed()) return encoder.encode(text);
  const parts: Uint8Array[] = [];
  for (const character of text) {
    const byte = escapedByte(character);
    parts.push(byte === undefined ? encoder.encode(character) : Uint8Array.of(byte));
  }
  return joined(parts);
}

/** Nearly every name: nothing in it is to be looked at twice. */
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * For a person's eyes only: escaped bytes and control characters as \xHH, line ends as \n,
 * so that a hostile name can neither hide itself nor drive a terminal.
 */
export function printable(text: string): string {
  if (PLAIN.test(text)) return text;
  let out = '';
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const byte = escapedByte(character);
    if (byte !== undefined) out += hexEscape(byte);
    else if (code === 0x0a) out += '\\n';
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) out += hexEscape(code);
    else if (isDirectionControl(code)) out += `\\u${code.toString(16)}`;
    else out += character;
  }
  return out;
}

function hexEscape(byte: number): string {
  return `\\x${byte.toString(16).padStart(2, '0')}`;
}

/** Characters that reorder what follows them on screen. */
function isDirectionControl(code: number): boolean {
  return (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

function escapedByte(character: string): number | undefined {
  if (character.length !== 1) return undefined;
  const code = character.charCodeAt(0);
  return code >= SURROGATE_BASE + 0x80 && code <= SURROGATE_BASE + 0xff
    ? code - SURROGATE_BASE
    : undefined;
}

function decodeWithEscapes(bytes: Uint8Array): string {
  let out = '';
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes, at);
    if (length === 0) {
      out += String.fromCharCode(SURROGATE_BASE + bytes[at]!);
      at += 1;
    } else {
      out += strict.decode(bytes.subarray(at, at + length));
      at += length;
    }
  }
  return out;
}

/** Length of the valid UTF-8 sequence at `at`, or 0 (Unicode 15, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const lead = bytes[at]!;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  if (length === 0 || lead > 0xf4 || at + length > bytes.length) return 0;
  const second = bytes[at + 1]!;
  const lowest = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
  const highest = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let i = at + 2; i < at + length; i += 1) {
    if ((bytes[i]! & 0xc0) !== 0x80) return 0;
  }
  return length;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
