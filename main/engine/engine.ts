import { Worker } from 'node:worker_threads';
import { bug, fromErrorData, ioError } from '../../shared/errors.ts';
import { CancelToken } from './cancel.ts';
import type { VerbInput, VerbName, VerbOutput } from './index.ts';
import type { WorkerReply, WorkerRequest } from './messages.ts';
import type { ReportProgress } from './progress.ts';

export interface RunOptions {
  readonly cancel?: CancelToken;
  readonly onProgress?: ReportProgress;
}

/** Carries verbs out in a worker thread; they never block the caller's event loop. */
export interface Engine {
  run<N extends VerbName>(
    verb: N,
    input: VerbInput<N>,
    options?: RunOptions,
  ): Promise<VerbOutput<N>>;
  /** Ends the thread; what is under way is rejected. */
  close(): Promise<void>;
}

interface Waiting {
  readonly onProgress: ReportProgress | undefined;
  resolve(output: never): void;
  reject(error: Error): void;
}

/** The worker beside this file, whether TypeScript or what it was transpiled to. */
const ENTRY = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';

/**
 * One worker thread, started with the first verb. Verbs of one engine are carried out one
 * after the other; make one engine for each thing that shall go on at the same time.
 */
export function startEngine(): Engine {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | undefined;
  let nextId = 1;
  const failAll = (error: Error): void => {
    worker = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  };
  const started = (): Worker => {
    const fresh = new Worker(new URL(ENTRY, import.meta.url));
    // An idle engine does not keep the process alive.
    fresh.unref();
    fresh.on('message', (reply: WorkerReply) => {
      settle(waiting, reply);
      if (waiting.size === 0) fresh.unref();
    });
    fresh.on('error', (error) => failAll(bug(`the engine failed: ${String(error)}`)));
    fresh.on('exit', () => failAll(engineEnded()));
    return fresh;
  };
  return {
    run(verb, input, { cancel = new CancelToken(), onProgress } = {}) {
      worker ??= started();
      const id = nextId++;
      const request: WorkerRequest<typeof verb> = { id, verb, input, cancel: cancel.shared };
      return new Promise((resolve, reject) => {
        waiting.set(id, { onProgress, resolve, reject });
        worker!.ref();
        worker!.postMessage(request);
      });
    },
    async close() {
      await worker?.terminate();
    },
  };
}

function settle(waiting: Map<number, Waiting>, reply: WorkerReply): void {
  const call = waiting.get(reply.id);
  if ('progress' in reply) return call?.onProgress?.(reply.progress);
  waiting.delete(reply.id);
  if ('error' in reply) call?.reject(fromErrorData(reply.error));
  else call?.resolve(reply.output as never);
}

function engineEnded(): Error {
  return ioError('engine-ended', 'The engine was stopped before it was done.', {
    hint: 'Start it again.',
  });
}
