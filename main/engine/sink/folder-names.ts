import type { Bytes } from '../stream/command-sink.ts';

/** Characters that exFAT, FAT and Windows' NTFS do not allow in a name (Microsoft's "Naming Files"). */
const FORBIDDEN = new Set([...'"*/:<>?\\|%'].map((character) => character.charCodeAt(0)));
const RESERVED = /^(con|prn|aux|nul|com[0-9]|lpt[0-9])(\.|$)/i;
const MAX_UNITS = 255;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The name itself where such filesystems take it, else one that they take. */
export function portableName(name: Bytes): Buffer {
  const text = decoded(name);
  const isFine = text !== undefined && text.length <= MAX_UNITS && isAllowed(name, text);
  return isFine ? Buffer.from(name) : escaped(name);
}

/** A further name when that one is taken: `name~2`, shortened to fit. */
export function numberedName(name: Bytes, number: number): Buffer {
  const suffix = `~${number}`;
  return Buffer.from(shortened(Buffer.from(name).toString(), MAX_UNITS - suffix.length) + suffix);
}

function isAllowed(name: Bytes, text: string): boolean {
  const last = name[name.length - 1];
  if (last === 0x20 || last === 0x2e || RESERVED.test(text)) return false;
  return name.every((byte) => byte >= 0x20 && byte !== 0x7f && !FORBIDDEN.has(byte));
}

/** Bytes that cannot be are written %HH; `%` is one of them, so that it can be told. */
function escaped(name: Bytes): Buffer {
  const hex = (byte: number): string => `%${byte.toString(16).padStart(2, '0')}`;
  const isText = decoded(name) !== undefined;
  let out = '';
  const text = isText ? strict.decode(name) : Buffer.from(name).toString('latin1');
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const isBad = code < 0x20 || code === 0x7f || FORBIDDEN.has(code) || (!isText && code > 0x7f);
    out += isBad ? hex(code) : character;
  }
  out = out.replace(/[. ]$/, (last) => hex(last.charCodeAt(0)));
  if (RESERVED.test(out)) out = `%${out.charCodeAt(0).toString(16)}${out.slice(1)}`;
  return Buffer.from(shortened(out, MAX_UNITS));
}

/** Not through the middle of a surrogate pair. */
function shortened(text: string, units: number): string {
  if (text.length <= units) return text;
  const code = text.charCodeAt(units - 1);
  return text.slice(0, code >= 0xd800 && code <= 0xdbff ? units - 1 : units);
}

function decoded(name: Bytes): string | undefined {
  try {
    return strict.decode(name);
  } catch {
    return undefined;
  }
}
