import { readFileSync, writeFileSync } from 'node:fs';
import { run } from '../harness/run.ts';

const COMMAND = /^ {4}(.+)$/gm;

/**
 * Does what README.txt of an archive says, with a shell and the stock tools: its commands, in
 * their order, as they stand; only where it says to put something in, that is put in.
 */
export function followReadme(
  folder: string,
  target: string,
  passphrase: string,
  key?: string,
): void {
  const text = readFileSync(`${folder}/README.txt`, 'utf8');
  const commands = [...text.matchAll(COMMAND)]
    .map(([, command]) => command!)
    .map((command) => command.replace(/^TARGET=\/mnt\/restore$/, `TARGET=${target}`))
    .map((command) =>
      key === undefined ? command : command.replace(/^KEY=\/root\/key.txt$/, `KEY=${key}`),
    );
  const script = `${target}.sh`;
  writeFileSync(script, `set -e -o pipefail\ncd '${folder}'\n${commands.join('\n')}\n`);
  // age reads a passphrase from a terminal only: script(1) makes one.
  if (commands.some((command) => command.startsWith('age -d -o'))) {
    run('script', ['-qec', `bash ${script}`, '/dev/null'], {
      input: `${passphrase}\n`,
      timeoutMs: 600_000,
    });
  } else run('bash', [script], { timeoutMs: 600_000 });
}
