import { writeAll } from '../linux/write-all.ts';

/** What `print` writes to: where commands run within a test, that is put in its place. */
export const stdout = {
  /** At once: what `process.stdout` is given for a pipe stays in memory until the loop has ended. */
  write: (text: string): void => writeAll(1, Buffer.from(text)),
};

/** Writes text to stdout. @throws as writeAll */
export function print(text: string): void {
  stdout.write(text);
}
