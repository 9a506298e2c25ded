/**
 * What the launcher tells: whoever started this has it ignore SIGHUP (nohup(1)). Node itself takes
 * every signal for one that ends it, whatever was set for the process, and so it does for programs
 * that it starts.
 */
const IGNORED = 'DENDRO_NOHUP';

export function hangupsIgnored(environment: NodeJS.ProcessEnv = process.env): boolean {
  return environment[IGNORED] === '1';
}

export function ignoreHangups(): void {
  process.on('SIGHUP', () => undefined);
}

/** The words that start a program which ignores hangups if this one does. */
export function sparingHangups(words: readonly string[]): readonly string[] {
  return hangupsIgnored() ? ['sh', '-c', 'trap "" HUP; exec "$@"', 'sh', ...words] : words;
}
