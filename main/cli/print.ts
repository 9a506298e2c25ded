import { writeAll } from './write-all.ts';

const STDOUT = 1;

/**
 * Writes text to stdout, at once: what `process.stdout` is given for a pipe stays in memory until
 * the loop that gives it has ended. @throws as writeAll
 */
export function print(text: string): void {
  writeAll(STDOUT, Buffer.from(text));
}
