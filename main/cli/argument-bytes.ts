import { readFileSync } from 'node:fs';
import { textFromBytes } from '../../shared/model/bytes-text.ts';

const REPLACEMENT = '\ufffd';

/**
 * The arguments as text that keeps every byte. Node decodes them as UTF-8 and loses what is
 * none; the kernel still has them (proc(5), /proc/PID/cmdline: each ended by a NUL).
 */
export function argumentTexts(decoded: readonly string[]): string[] {
  if (!decoded.some((argument) => argument.includes(REPLACEMENT))) return [...decoded];
  const raw = readFileSync('/proc/self/cmdline');
  const all: string[] = [];
  for (let start = 0; start < raw.length;) {
    const end = raw.indexOf(0, start);
    all.push(textFromBytes(raw.subarray(start, end)));
    start = end + 1;
  }
  return all.slice(all.length - decoded.length);
}
