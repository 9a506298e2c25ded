import type { ChildProcess } from 'node:child_process';
import { dendro } from '../harness/dendro.ts';
import { startPipeline, type Argv } from '../harness/pipeline.ts';
import { run } from '../harness/run.ts';

export function runDendro(...args: readonly string[]): string {
  return run(dendro, args).stdout.toString();
}

/** What runs, with the signal that ends it, so that nothing outlives the demo. */
const running = new Map<ChildProcess, NodeJS.Signals>();

/** Runs `a | b`, and ends them when the demo is told to stop. */
export async function runPipeline(stages: readonly Argv[], stdout?: number): Promise<void> {
  const { children, done } = startPipeline(stages, { stdout });
  for (const child of children) endWithDemo(child, 'SIGKILL');
  await done;
}

/** Ends a child with this signal when the demo is told to stop. */
export function endWithDemo(child: ChildProcess, by: NodeJS.Signals): void {
  running.set(child, by);
  child.on('close', () => running.delete(child));
}

/** Must be called before any disk is made: listeners run in the order of their coming. */
export function stopChildrenOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      for (const [child, by] of running) child.kill(by);
    });
  }
}
