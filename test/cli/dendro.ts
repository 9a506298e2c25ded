import { entry } from '../harness/dendro.ts';
import { run, type RunOptions, type RunResult } from '../harness/run.ts';

export const ENTRY = entry;

/** Any exit code is an answer here. */
const ANY = Array.from({ length: 256 }, (_, code) => code);

/** Runs `dendro` as the launcher does, with the Node of this test. */
export function dendro(args: readonly string[], options: RunOptions = {}): RunResult {
  const { env, ...rest } = options;
  return run(process.execPath, [ENTRY, ...args], { accept: ANY, ...rest, env: { ...env } });
}

/** The same command of btrfs-progs. */
export function btrfs(args: readonly string[], options: RunOptions = {}): RunResult {
  return run('btrfs', args, { accept: ANY, ...options });
}

/** For a shell: the words quoted. */
export function shellWords(words: readonly string[]): string {
  return words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
