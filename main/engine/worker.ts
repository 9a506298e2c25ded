import { parentPort } from 'node:worker_threads';
import { assert, toErrorData } from '../../shared/errors.ts';
import { typedFs } from '../linux/libc-error.ts';
import { CancelToken } from './cancel.ts';
import { verbs, type VerbContext, type VerbName } from './index.ts';
import type { WorkerReply, WorkerRequest } from './messages.ts';
import { closeVolumes } from './open-volumes.ts';
import { throttled } from './progress.ts';

/** A device that nobody reads is let go after this, so that it can be unplugged. */
const IDLE_MS = 2_000;

const port = parentPort;
assert(port, 'the engine worker is started as a worker thread');
let idle: NodeJS.Timeout | undefined;

/** One verb after the other, also where one is asynchronous. */
let order: Promise<void> = Promise.resolve();

port.on('message', (request: WorkerRequest) => {
  order = order.then(async () => {
    clearTimeout(idle);
    port.postMessage(await carriedOut(request));
    idle = setTimeout(closeVolumes, IDLE_MS);
  });
});

async function carriedOut({ id, verb, input, cancel }: WorkerRequest): Promise<WorkerReply> {
  const report = (progress: Extract<WorkerReply, { progress: unknown }>['progress']): void =>
    port!.postMessage({ id, progress } satisfies WorkerReply);
  const context: VerbContext = {
    cancel: new CancelToken(cancel),
    progress: throttled(report, () => performance.now()),
  };
  try {
    const run = verbs[verb] as (input: unknown, context: VerbContext) => never;
    return { id, output: await run(input, context) };
  } catch (error) {
    return { id, error: toErrorData(typedFs(error)) };
  }
}

export type { VerbName };
