import { execFile } from 'node:child_process';
import { ioError, unsupported } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';

export interface ToolResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ToolOptions {
  /** Goes to its standard input: the way for secrets, which never stand on a command line. */
  readonly input?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs a program of the system to its end; its arguments are never seen by a shell.
 *
 * @throws Unsupported 'tool-missing'; Io 'tool-failed' when it was killed or took too long
 */
export function runTool(
  command: string,
  args: readonly string[],
  { input, timeoutMs = 60_000, signal }: ToolOptions = {},
): Promise<ToolResult> {
  return new Promise((resolve, reject) => {
    const env = {
      ...process.env,
      LC_ALL: 'C',
      PATH: `${SYSTEM_PATH}:${process.env['PATH'] ?? ''}`,
    };
    const options = { env, timeout: timeoutMs, maxBuffer: MAX_OUTPUT_BYTES, signal };
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      if (!error) return resolve({ exitCode: 0, stdout, stderr });
      if (error.code === 'ENOENT') return reject(missing(command));
      if (typeof error.code === 'number') {
        return resolve({ exitCode: error.code, stdout, stderr });
      }
      reject(
        ioError('tool-failed', say`${{ command }} did not come to its end.`, { cause: error }),
      );
    });
    // A program that ends without reading its input breaks the pipe; its exit code says more.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });
}

function missing(command: string): Error {
  return unsupported('tool-missing', say`The program ${{ command }} is not installed.`, {
    hint: say`Install the package that brings ${{ command }}.`,
  });
}
