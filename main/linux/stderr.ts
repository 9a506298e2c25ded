import { isatty } from 'node:tty';
import { writeAll } from './write-all.ts';

const STDERR = 2;

/**
 * What is said beside the output. It is not `process.stderr`, whose errors are told later, to nobody,
 * and end the process; and where commands run within a test, that is put in its place.
 */
export const stderr = {
  get isTTY(): boolean {
    return isatty(STDERR);
  },
  write: (text: string): void => sayTo(STDERR, text),
};

/** Words. Nothing ends because nobody can read them: their disk is full, their reader has ended. */
export function sayTo(fd: number, text: string): void {
  try {
    writeAll(fd, Buffer.from(text));
  } catch {
    // There is nowhere left to say so.
  }
}
