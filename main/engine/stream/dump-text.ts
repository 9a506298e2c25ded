import type { Bytes } from './command-sink.ts';

/** Anything but printable ASCII, and the space and the backslash. */
const SPECIAL = /[\x00-\x20\\\x7f-\xff]/;
const SPECIALS = /[\x00-\x20\\\x7f-\xff]/g;

const SHORT: Record<string, string> = {
  '\x07': '\\a',
  '\b': '\\b',
  '\x1b': '\\e',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  ' ': '\\ ',
  '\\': '\\\\',
};

/** A path as the stock dump writes it: C escapes, `\ ` for a space, octal for other bytes. */
export function escapePath(path: Bytes): string {
  const text = Buffer.from(path.buffer, path.byteOffset, path.length).toString('latin1');
  return SPECIAL.test(text) ? text.replace(SPECIALS, escape) : text;
}

function escape(character: string): string {
  const short = SHORT[character];
  return short ?? `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}

export function uuidText(uuid: Bytes): string {
  const hex = Buffer.from(uuid).toString('hex');
  return [[0, 8], [8, 12], [12, 16], [16, 20], [20]].map(([a, b]) => hex.slice(a, b)).join('-');
}

let lastSeconds: number | undefined;
let lastText = '';

/** A time of `btrfs_inode_item` as strftime(3) writes `%FT%T%z` in the local zone. */
export function localTime(times: Bytes, at: number): string {
  const view = new DataView(times.buffer, times.byteOffset + at, 8);
  const seconds = view.getUint32(0, true) + view.getInt32(4, true) * 0x1_0000_0000;
  if (seconds !== lastSeconds) {
    lastSeconds = seconds;
    lastText = format(new Date(seconds * 1000), seconds);
  }
  return lastText;
}

function format(date: Date, seconds: number): string {
  const year = date.getFullYear();
  if (Number.isNaN(year)) return String(seconds);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  const time = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
  const offset = -date.getTimezoneOffset();
  const zone = two(Math.floor(Math.abs(offset) / 60)) + two(Math.abs(offset) % 60);
  return `${day}T${time}${offset < 0 ? '-' : '+'}${zone}`;
}
