import { Worker } from 'node:worker_threads';
import { bug, fromErrorData, ioError } from '../../shared/errors.ts';
import type { CatalogueQuery } from '../../shared/model/catalogue.ts';
import { CancelToken } from '../engine/cancel.ts';
import type {
  CallArgs,
  CallResult,
  CatalogueCall,
  CatalogueReply,
  CatalogueRequest,
} from './messages.ts';
import type { ArchivedPoint } from './archived/take-archived.ts';
import type { FoundFile } from './find.ts';
import type { PresentPoint, Taken } from './update.ts';

/** The worker beside this file, whether TypeScript or what it was transpiled to. */
const ENTRY = import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js';

/**
 * The catalogue in two threads, so that neither a first look at a million files nor a search for
 * something rare keeps anybody waiting: one takes in and forgets, the other one finds meanwhile.
 */
export class CatalogueThreads {
  readonly #writer: Thread;
  readonly #reader: Thread;

  constructor(path: string) {
    this.#writer = new Thread(path);
    this.#reader = new Thread(path);
  }

  update(present: readonly PresentPoint[], cancel?: CancelToken): Promise<Taken[]> {
    return this.#writer.call('update', [present], cancel);
  }

  takeArchived(points: readonly ArchivedPoint[], cancel?: CancelToken): Promise<Taken[]> {
    return this.#writer.call('takeArchived', [points], cancel);
  }

  async compact(kept: ReadonlySet<string>): Promise<void> {
    await this.#writer.call('compact', [kept]);
  }

  async setOff(sourceUuid: string, isOff: boolean): Promise<void> {
    await this.#writer.call('setOff', [sourceUuid, isOff]);
  }

  async forget(sourceUuid?: string): Promise<void> {
    await this.#writer.call('forget', sourceUuid === undefined ? [] : [sourceUuid]);
  }

  find(query: CatalogueQuery): Promise<FoundFile[]> {
    return this.#reader.call('find', [query]);
  }

  known(): Promise<CallResult<'known'>> {
    return this.#reader.call('known', []);
  }

  status(): Promise<CallResult<'status'>> {
    return this.#reader.call('status', []);
  }

  /** What is being taken in is not: the next update takes it in. */
  async close(): Promise<void> {
    await Promise.all([this.#writer.close(), this.#reader.close()]);
  }
}

interface Waiting {
  readonly cancel: CancelToken;
  resolve(result: never): void;
  reject(error: Error): void;
}

class Thread {
  readonly #path: string;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #nextId = 1;

  constructor(path: string) {
    this.#path = path;
  }

  call<C extends CatalogueCall>(
    call: C,
    args: CallArgs<C>,
    cancel = new CancelToken(),
  ): Promise<CallResult<C>> {
    const worker = (this.#worker ??= this.#started());
    const id = this.#nextId++;
    const request: CatalogueRequest = { id, call, args, cancel: cancel.shared };
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { cancel, resolve, reject });
      worker.ref();
      worker.postMessage(request);
    });
  }

  /** Stops what is under way, closes the database, ends the thread. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    for (const { cancel } of this.#waiting.values()) cancel.cancel();
    await this.call('close', []).catch(() => undefined);
    await worker.terminate();
  }

  #started(): Worker {
    const worker = new Worker(new URL(ENTRY, import.meta.url), {
      workerData: { path: this.#path },
    });
    // An idle thread does not keep the process alive.
    worker.unref();
    worker.on('message', (reply: CatalogueReply) => {
      const call = this.#waiting.get(reply.id);
      this.#waiting.delete(reply.id);
      if ('error' in reply) call?.reject(fromErrorData(reply.error));
      else call?.resolve(reply.result as never);
      if (this.#waiting.size === 0) worker.unref();
    });
    worker.on('error', (error) => this.#failAll(bug(`the catalogue failed: ${String(error)}`)));
    worker.on('exit', () => this.#failAll(ended()));
    return worker;
  }

  #failAll(error: Error): void {
    this.#worker = undefined;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}

function ended(): Error {
  return ioError('catalogue-ended', 'The catalogue was stopped before it was done.', {
    hint: 'Start it again; restoring needs no catalogue.',
  });
}
