import { randomUUID } from 'node:crypto';
import { toErrorData, type DendroError } from '../../shared/errors.ts';
import { startEngine, type Engine } from '../engine/engine.ts';
import { Drives } from '../drives/drives.ts';
import type { History } from '../history/history.ts';
import { ownUpdates } from '../update/own-updates.ts';
import type { Updates } from '../update/updates.ts';
import { openOrRebuild } from '../history/open-or-rebuild.ts';
import { lenient } from '../history/lenient.ts';
import { historyTrouble } from '../history/trouble.ts';
import { isAlive, ownIdentity } from '../linux/process-identity.ts';
import { Runs } from '../runs/runs.ts';
import type { ServiceInfo } from '../../shared/model/service.ts';
import type { EventHub } from './event-hub.ts';
import { Background } from './background.ts';
import { RunReports } from './run-reports.ts';
import { ArchivesHere } from './points/archives-here.ts';
import { PointBook } from './points/point-book.ts';
import { NoticeWatch } from './notices/notice-watch.ts';
import { systemLanguages } from './notices/system-languages.ts';
import { beginPlan } from './plans/run-plan.ts';
import { shell } from './command-line.ts';
import { keepHouse } from './housekeeping.ts';
import { drivesArrived } from './plans/plug-in.ts';
import { PlanFile } from './plans/plan-file.ts';
import { Scheduler } from './plans/scheduler.ts';
import { worldNow } from './plans/world.ts';
import { soleService, type SoleService } from './sole-service.ts';
import { SurroundingsWatch } from './surroundings/surroundings.ts';
import { StayAwake } from './stay-awake.ts';
import { CatalogueKeeper } from './catalogue/keeper.ts';
import { cataloguePath } from './state-path.ts';
import { VolumeBook } from './volumes/volume-book.ts';
import { stderr } from '../linux/stderr.ts';

/** The plan file first: what it says is due at once may be due now. */
async function begin(context: Context): Promise<void> {
  await context.planFile.look(context);
  // Which drives are here is known before anything is held back because one is not.
  await Promise.all([context.surroundings.look(), context.drives.refresh()]);
  if (context.runs.isClosed) return;
  context.surroundings.start();
  context.scheduler.start();
}

/** A thread takes a third of a second to start: as many are kept for the next. */
const ENGINES_KEPT = 2;

export interface ServiceOptions {
  readonly historyPath: string;
  readonly version: string;
  readonly carrier: ServiceInfo['carrier'];
  /** Carry plans out: one process of a computer does, the others only edit them. */
  readonly runPlans: boolean;
  readonly nowMs?: () => number;
  /** The plan file to follow; null: none. */
  readonly planFile?: string | null;
}

/** What the handlers work with. */
export interface Context {
  readonly options: ServiceOptions;
  readonly history: History;
  readonly hub: EventHub;
  readonly runs: Runs;
  /** For questions: one after the other. */
  readonly engine: Engine;
  /** Keeps a volume in trouble open from one question to the next. */
  readonly rescueEngine: Engine;
  /** Keeps what was learned of stream files from one question to the next. */
  readonly streamEngine: Engine;
  readonly reports: RunReports;
  readonly volumes: VolumeBook;
  readonly points: PointBook;
  readonly archives: ArchivesHere;
  readonly catalogue: CatalogueKeeper;
  readonly scheduler: Scheduler;
  readonly surroundings: SurroundingsWatch;
  readonly drives: Drives;
  readonly notices: NoticeWatch;
  readonly sole: SoleService;
  readonly planFile: PlanFile;
  readonly updates: Updates;
  readonly background: Background;
  readonly nowMs: () => number;
  /** An engine that nobody else uses meanwhile, for something long. */
  withEngine<T>(use: (engine: Engine) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

export function createContext(options: ServiceOptions, hub: EventHub): Context {
  const nowMs = options.nowMs ?? Date.now;
  const log = (text: string): void => void stderr.write(`${text}\n`);
  const explain = (error: unknown): DendroError | undefined =>
    historyTrouble(error, options.historyPath);
  const history = lenient(openOrRebuild(options.historyPath, nowMs()), ({ message }) =>
    log(`Not noted in the history: ${message}`),
  );
  const background = new Background({ explain, failed: log });
  const sole = soleService(options.historyPath, nowMs);
  try {
    if (options.runPlans) sole.take();
  } catch (error) {
    history.close();
    throw error;
  }
  history.runs.markInterrupted(isAlive, nowMs());
  const engine = startEngine();
  const rescueEngine = startEngine();
  const streamEngine = startEngine();
  const idle: Engine[] = [];
  const volumes = new VolumeBook(engine, history.points);
  const awake = new StayAwake();
  const runs = new Runs({
    history: history.runs,
    log: history.runLog,
    emit: (run) => {
      hub.emit('run.changed', run);
      awake.changed(run);
    },
    explain,
    failed: log,
    nowMs,
    newId: randomUUID,
    owner: ownIdentity(),
  });
  const drives = new Drives({ history: history.drives, nowMs });
  const archives = new ArchivesHere({ engine: streamEngine, history, nowMs });
  const points = new PointBook({ engine, volumes, history, drives, archives, nowMs });
  const context: Context = {
    options,
    history,
    hub,
    runs,
    engine,
    rescueEngine,
    streamEngine,
    reports: new RunReports(),
    volumes,
    points,
    archives,
    catalogue: new CatalogueKeeper(cataloguePath(options.historyPath), { points, hub }),
    scheduler: new Scheduler({
      plans: history.plans,
      nowMs,
      world: () => worldNow(context.drives, context.surroundings.latest),
      begin: (plan, keys) => beginPlan(plan, keys, context),
      pausedUntilMs: () => history.settings.get().plansPausedUntilMs,
      random: Math.random,
      changed: () => hub.emit('plans.changed', {}),
      ended: (planId) => hub.emit('plan.ended', { planId }),
      inBackground: (look) => background.run('Looking for what is due', look),
      failed: ({ draft }, error) =>
        log(`${draft.name}: ${toErrorData(explain(error) ?? error).message}`),
    }),
    surroundings: new SurroundingsWatch({
      wanted: () =>
        history.plans.list().flatMap(({ draft }) => (draft.enabled ? [draft.conditions] : [])),
    }),
    drives,
    notices: new NoticeWatch({
      history,
      nowMs,
      ofSystem: systemLanguages(process.env),
      inBackground: (look) => background.run('Looking for what is to be told', look),
      failed: log,
    }),
    background,
    sole,
    planFile: new PlanFile(options.planFile ?? null),
    updates: ownUpdates(options.historyPath, { version: options.version, nowMs, shell }),
    nowMs,
    withEngine: async (use) => {
      const own = idle.pop() ?? startEngine();
      try {
        return await use(own);
      } finally {
        if (idle.length < ENGINES_KEPT) idle.push(own);
        else await own.close();
      }
    },
    async close() {
      background.close();
      housekeeping.stop();
      context.scheduler.stop();
      context.surroundings.stop();
      context.drives.stop();
      await context.notices.stop();
      await runs.close();
      await context.scheduler.idle();
      awake.release();
      const engines = [engine, rescueEngine, streamEngine, ...idle];
      await Promise.all(engines.map((one) => one.close()));
      await context.catalogue.close();
      history.close();
      sole.release();
    },
  };
  context.drives.onChange((change) => {
    hub.emit('drives.changed', {});
    hub.emit('volumes.changed', {});
    if (!options.runPlans) return;
    background.run('Looking for what a drive was waited for', () =>
      drivesArrived(change, history.plans, context.scheduler),
    );
  });
  // A command on the command line is over before anything is plugged in.
  if (options.carrier !== 'in-process') context.drives.start();
  const housekeeping = keepHouse(context);
  if (options.runPlans) {
    background.run('The start of the plans', () => begin(context));
    context.notices.start();
  }
  return context;
}
