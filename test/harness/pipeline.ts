import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync } from 'node:fs';
import { CommandFailed, environment, type RunOptions } from './run.ts';
import { openPipe } from './syscalls.ts';

export type Argv = readonly [command: string, ...args: string[]];

export interface PipelineOptions extends Pick<RunOptions, 'cwd' | 'env'> {
  /** An open file for the first command to read; it stays the caller's. */
  readonly stdin?: number;
  /** An open file for the last command to write; it stays the caller's. */
  readonly stdout?: number;
}

export interface Pipeline {
  readonly children: readonly ChildProcess[];
  /** Resolves when all have ended well; rejects with `CommandFailed` once all have ended. */
  readonly done: Promise<void>;
}

/** `first | second | ...` through pipes of the kernel, with no shell in between. */
export async function pipe(...stages: readonly Argv[]): Promise<void> {
  await startPipeline(stages).done;
}

export function startPipeline(stages: readonly Argv[], options: PipelineOptions = {}): Pipeline {
  const pipes = stages.slice(1).map(() => openPipe());
  const children = stages.map(([command, ...args], index) =>
    spawn(command, args, {
      cwd: options.cwd,
      env: environment(options.env),
      stdio: [
        pipes[index - 1]?.read ?? options.stdin ?? 'ignore',
        pipes[index]?.write ?? options.stdout ?? 'ignore',
        'pipe',
      ],
    }),
  );
  for (const { read, write } of pipes) {
    closeSync(read);
    closeSync(write);
  }
  return { children, done: allEnded(children, stages) };
}

async function allEnded(children: readonly ChildProcess[], stages: readonly Argv[]): Promise<void> {
  const ends = await Promise.allSettled(
    children.map((child, index) => ended(child, stages[index]!)),
  );
  const failed = ends.filter((end) => end.status === 'rejected').map((end) => end.reason as Error);
  // The first to fail is often only told so by a closed pipe: let the error name them all.
  if (failed.length === 1) throw failed[0]!;
  if (failed.length > 1) throw new AggregateError(failed, failed.map(String).join('\n'));
}

function ended(child: ChildProcess, argv: Argv): Promise<void> {
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    const fail = (status: number | null, why: string) =>
      reject(new CommandFailed(argv.join(' '), status, stderr, why));
    child.on('error', (error) => fail(null, error.message));
    child.on('close', (status, signal) => {
      if (status === 0) resolve();
      else fail(status, signal === null ? `exit code ${status}` : `killed by ${signal}`);
    });
  });
}
