import { resolve } from 'node:path';
import { usage } from '../../../shared/errors.ts';
import { bytesFromText, printable, textFromBytes } from '../../../shared/model/bytes-text.ts';
import { startEngine } from '../../engine/engine.ts';
import type { VerbInput, VerbName, VerbOutput } from '../../engine/index.ts';
import { CancelToken } from '../../engine/cancel.ts';
import { size } from '../output.ts';
import { say, textOf, type Noted } from '../../../shared/said.ts';
import { stderr } from '../../linux/stderr.ts';

/** An absolute path, for verbs that know no working directory. */
export function absolute(path: string): string {
  if (path.startsWith('/')) return path;
  const here = Buffer.from(bytesFromText(process.cwd()));
  return path.isWellFormed()
    ? resolve(path)
    : textFromBytes(Buffer.concat([here, Buffer.from('/'), bytesFromText(path)]));
}

/**
 * The folder of an archive, absolute. Paths below it are made as text, which bytes that are no
 * UTF-8 would not come through: an export went into another folder.
 * @throws Usage
 */
export function archiveFolder(path: string): string {
  const whole = absolute(path);
  if (whole.isWellFormed()) return whole;
  throw usage('bad-arguments', say`${{ path: printable(whole) }} is not UTF-8.`, {
    hint: 'Name a folder for archives whose path is.',
  });
}

/**
 * Carries a long verb out in the engine's thread, with its progress on a terminal. Ctrl-C asks
 * it to stop and to tidy up; a second one ends the process at once.
 */
export async function runVerb<N extends VerbName>(
  verb: N,
  input: VerbInput<N>,
  isQuiet: boolean,
): Promise<VerbOutput<N>> {
  const engine = startEngine();
  const cancel = new CancelToken();
  const stop = (): void => cancel.cancel();
  process.once('SIGINT', stop);
  const shows = stderr.isTTY && !isQuiet;
  try {
    return await engine.run(verb, input, {
      cancel,
      ...(shows && {
        onProgress: ({ step, bytes, current }) =>
          stderr.write(`\r\u001b[K${step} ${size(bytes)} ${textOf(current).slice(-50)}`),
      }),
    });
  } finally {
    process.off('SIGINT', stop);
    if (shows) stderr.write('\r\u001b[K');
    await engine.close();
  }
}

export function printNotes(notes: readonly Noted[]): void {
  for (const note of notes) stderr.write(`${textOf(note)}\n`);
}
