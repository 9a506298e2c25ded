import { dendro } from '../harness/dendro.ts';
import { startPipeline, type Argv } from '../harness/pipeline.ts';
import { run } from '../harness/run.ts';

export function runDendro(...args: readonly string[]): string {
  return run(dendro, args).stdout.toString();
}

/** Pipelines that run, so that none outlives the demo. */
const running = new Set<ReturnType<typeof startPipeline>>();

/** Runs `a | b`, and ends them when the demo is told to stop. */
export async function runPipeline(stages: readonly Argv[], stdout?: number): Promise<void> {
  const pipeline = startPipeline(stages, { stdout });
  running.add(pipeline);
  try {
    await pipeline.done;
  } finally {
    running.delete(pipeline);
  }
}

/** Must be called before any disk is made: listeners run in the order of their coming. */
export function stopChildrenOnSignals(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      for (const { children } of running) for (const child of children) child.kill('SIGKILL');
    });
  }
}
