import { showDifferences, type Difference } from '../harness/compare.ts';

/** Something came out unlike its source. */
export class DemoFailed extends Error {}

export function say(line: string): void {
  console.log(line);
}

/** Does one step and says how long it took. */
export async function step<T>(what: string, body: () => T | Promise<T>): Promise<T> {
  process.stdout.write(`${what} ... `);
  const started = performance.now();
  const result = await body();
  say(`${((performance.now() - started) / 1000).toFixed(1)} s`);
  return result;
}

/** @throws DemoFailed with each difference, when there are any. */
export function expectSame(what: string, differences: readonly Difference[]): void {
  if (differences.length === 0) return say(`  the same: ${what}`);
  throw new DemoFailed(
    [`NOT the same: ${what}`, ...showDifferences(differences).map((line) => `  ${line}`)].join(
      '\n',
    ),
  );
}

export type Cells = readonly string[];

/** Columns as wide as they must be; all but the first stand to the right. */
export function showTable([header, ...rows]: readonly [Cells, ...Cells[]]): string {
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]!.length)),
  );
  const line = (row: Cells) =>
    row
      .map((cell, at) => (at === 0 ? cell.padEnd(widths[at]!) : cell.padStart(widths[at]!)))
      .join('  ');
  const rule = widths.map((width) => '-'.repeat(width));
  return [header, rule, ...rows].map(line).join('\n');
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
