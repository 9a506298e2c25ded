import { spawnSync, type StdioOptions } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string;
  /** Merged over the environment; `undefined` removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: Uint8Array | string;
  readonly stdio?: StdioOptions;
  /** Exit codes that are no failure. Default: only 0. */
  readonly accept?: readonly number[];
  readonly timeoutMs?: number;
}

export interface RunResult {
  readonly status: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** A command that could not be started, was killed or ended with an exit code not accepted. */
export class CommandFailed extends Error {
  readonly command: string;
  readonly status: number | null;
  readonly stderr: string;

  constructor(command: string, status: number | null, stderr: string, why: string) {
    super(`${command}: ${why}${stderr === '' ? '' : `\n${stderr.trimEnd()}`}`);
    this.name = 'CommandFailed';
    this.command = command;
    this.status = status;
    this.stderr = stderr;
  }
}

/** Runs a command without a shell and waits for it. Throws `CommandFailed`. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): RunResult {
  const shown = [command, ...args].join(' ');
  const result = spawnSync(command, args, {
    cwd: options.cwd,
    env: environment(options.env),
    input: options.input,
    stdio: options.stdio,
    timeout: options.timeoutMs,
    maxBuffer: 1 << 30,
  });
  const stderr = result.stderr === null ? '' : String(result.stderr ?? '');
  // who ends before it has read all its input says why by its exit code
  const isUnread = (result.error as NodeJS.ErrnoException | undefined)?.code === 'EPIPE';
  if (result.error !== undefined && !(isUnread && result.status !== null)) {
    throw new CommandFailed(shown, result.status, stderr, result.error.message);
  }
  if (result.status === null) {
    throw new CommandFailed(shown, null, stderr, `killed by ${result.signal}`);
  }
  if (!(options.accept ?? [0]).includes(result.status)) {
    throw new CommandFailed(shown, result.status, stderr, `exit code ${result.status}`);
  }
  return { status: result.status, stdout: result.stdout ?? Buffer.alloc(0), stderr };
}

/** The same, for what the command prints, without the last line feed. */
export function runText(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): string {
  return run(command, args, options).stdout.toString('utf8').replace(/\n$/, '');
}

export function environment(changes: RunOptions['env']): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: 'C', ...changes };
}
