import { randomUUID } from 'node:crypto';
import { toErrorData } from '../../shared/errors.ts';
import { startEngine, type Engine } from '../engine/engine.ts';
import { openHistory, type History } from '../history/history.ts';
import { isAlive, ownIdentity } from '../linux/process-identity.ts';
import { Runs } from '../runs/runs.ts';
import type { ServiceInfo } from '../../shared/model/service.ts';
import type { EventHub } from './event-hub.ts';
import { PointBook } from './points/point-book.ts';
import { Scheduler } from './schedules/scheduler.ts';
import { VolumeBook } from './volumes/volume-book.ts';

export interface ServiceOptions {
  readonly historyPath: string;
  readonly version: string;
  readonly carrier: ServiceInfo['carrier'];
  /** Carry schedules out: one process of a computer does, the others only edit them. */
  readonly schedule: boolean;
  readonly nowMs?: () => number;
}

/** What the handlers work with. */
export interface Context {
  readonly options: ServiceOptions;
  readonly history: History;
  readonly hub: EventHub;
  readonly runs: Runs;
  /** For questions: one after the other. */
  readonly engine: Engine;
  readonly volumes: VolumeBook;
  readonly points: PointBook;
  readonly scheduler: Scheduler;
  readonly nowMs: () => number;
  /** An engine of its own for something long; closed when `use` is done. */
  withEngine<T>(use: (engine: Engine) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function createContext(options: ServiceOptions, hub: EventHub): Context {
  const nowMs = options.nowMs ?? Date.now;
  const history = openHistory(options.historyPath);
  history.runs.markInterrupted(isAlive, nowMs());
  const engine = startEngine();
  const volumes = new VolumeBook(engine, history.points);
  const runs = new Runs({
    history: history.runs,
    emit: (run) => hub.emit('run.changed', run),
    nowMs,
    newId: randomUUID,
    owner: ownIdentity(),
  });
  const context: Context = {
    options,
    history,
    hub,
    runs,
    engine,
    volumes,
    points: new PointBook(engine, volumes, history.points, nowMs),
    scheduler: new Scheduler(history.schedules, nowMs, (schedule) => startScheduled(schedule)),
    nowMs,
    withEngine: async (use) => {
      const own = startEngine();
      try {
        return await use(own);
      } finally {
        await own.close();
      }
    },
    async close() {
      context.scheduler.stop();
      await runs.close();
      await engine.close();
      history.close();
    },
  };
  const startScheduled = async (schedule: Parameters<Scheduler['run']>[0]): Promise<void> => {
    const { runScheduled } = await import('./schedules/run-scheduled.ts');
    await runScheduled(schedule, context).catch((error: unknown) => {
      // Recorded by the run itself where one began; a drive that is away begins none.
      hub.emit('schedules.changed', {});
      void toErrorData(error);
    });
  };
  if (options.schedule) context.scheduler.start();
  return context;
}
