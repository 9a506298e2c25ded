import { isNote } from '../../shared/said.ts';
import { OutputBatches } from './output-batches.ts';

/**
 * Writes one JSON document and a line end. Lone surrogates stand for bytes that are no UTF-8;
 * notes are their English sentence, as they always were. Piece by piece: a list of millions is
 * longer than a string can be, and an iterator gives its items when they are written.
 */
export function printJson(value: unknown): void {
  const out = new OutputBatches();
  for (const piece of jsonPieces(value, '')) out.add(piece);
  out.add('\n');
  out.end();
}

const INDENT = '  ';

/** What `JSON.stringify` makes of it with an indent of two: lists, and what holds them, by items. */
function* jsonPieces(value: unknown, indent: string): Generator<string> {
  const inner = indent + INDENT;
  if (Array.isArray(value) || isGenerator(value)) {
    let before = '[';
    for (const item of value as Iterable<unknown>) {
      yield `${before}\n${inner}`;
      yield* jsonPieces(item ?? null, inner);
      before = ',';
    }
    yield before === '[' ? '[]' : `\n${indent}]`;
  } else if (indent === '' && isPlain(value)) {
    let before = '{';
    for (const [name, part] of Object.entries(value)) {
      if (part === undefined) continue;
      yield `${before}\n${inner}${JSON.stringify(name)}: `;
      yield* jsonPieces(part, inner);
      before = ',';
    }
    yield before === '{' ? '{}' : `\n${indent}}`;
  } else yield JSON.stringify(value, inEnglish, INDENT).replaceAll('\n', `\n${indent}`);
}

function isGenerator(value: unknown): value is Generator {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && 'next' in value;
}

function isPlain(value: unknown): value is object {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !isNote(value) &&
    !('toJSON' in value)
  );
}

function inEnglish(_: string, part: unknown): unknown {
  return isNote(part) ? part.text : part;
}

export function printLines(lines: Iterable<string>): void {
  const batches = new OutputBatches();
  for (const line of lines) batches.add(`${line}\n`);
  batches.end();
}

/** A line for each, when it is printed: of a million of them no list is made. */
export function* linesOf<T>(items: Iterable<T>, line: (item: T) => string): Generator<string> {
  for (const item of items) yield line(item);
}

/** Columns wide enough for their content; `right` names those that hold numbers. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string[] {
  const widths = header.map((title, i) =>
    rows.reduce((width, row) => Math.max(width, row[i]!.length), title.length),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => (right.includes(i) ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)))
      .join('  ')
      .trimEnd();
  return [line(header), ...rows.map(line)];
}

/** The same, or a sentence where there is no row: a header alone says nothing. */
export function tableOr(
  none: string,
  header: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string[] {
  return rows.length === 0 ? [none] : table(header, rows, right);
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** '1.5 GiB': three digits that matter. */
export function size(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]!}`;
}

/** '2026-11-22 10:46:01' in local time. */
export function moment(ms: number): string {
  const at = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  const date = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${date} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}

/** '1 h 02 min', '3 min 10 s', '0.4 s'. */
export function duration(ms: number): string {
  const seconds = ms / 1_000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
