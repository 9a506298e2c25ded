import { spawn } from 'node:child_process';
import { denied, ioError, unsupported } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';

const PATIENCE_MS = 60_000;

/**
 * Runs a program without a shell, with a text on its standard input; what it prints is dropped,
 * since it may hold what nobody should read in a log.
 *
 * @throws Unsupported 'command-missing'; Denied; Io 'command-failed' when it was killed
 */
export function runToEnd(
  [command, ...args]: readonly string[],
  input: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly exitCode: number }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command!, args, {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: PATIENCE_MS,
      killSignal: 'SIGKILL',
    });
    child.on('error', (error: NodeJS.ErrnoException) => reject(notStarted(error.code)));
    child.on('close', (code, signal) => {
      if (code !== null) resolve({ exitCode: code });
      else
        reject(ioError('command-failed', say`The command for notices was ended by ${{ signal }}.`));
    });
    // A program that does not read breaks the pipe; its exit code says more.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

function notStarted(code: string | undefined): Error {
  if (code === 'EACCES') {
    return denied('command-denied', 'The command for notices may not be run.', {
      hint: 'Make it executable for the user that Dendro runs as.',
    });
  }
  return unsupported('command-missing', 'The command for notices could not be started.', {
    hint: 'Check its path in the settings.',
  });
}
