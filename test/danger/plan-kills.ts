import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { openHistory } from '../../main/history/history.ts';
import { createService, inProcessClient } from '../../main/service/service.ts';
import { PlanDraft } from '../../shared/model/plan.ts';
import { TestDisks } from '../drives/disks.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { dendro } from '../harness/dendro.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run, runText } from '../harness/run.ts';

export interface KillsOptions {
  readonly moments: number;
  readonly seed: number;
  readonly log?: (text: string) => void;
}

export interface KillsResult {
  /** Killed while the plan ran. */
  readonly killed: number;
  /** The plan had ended before the moment came. */
  readonly late: number;
  /** What was not as it should be, each with its moment. */
  readonly failures: readonly string[];
}

const PROGRAM = new URL('./plan-service.ts', import.meta.url).pathname;
const KEEP = { latest: 3 };
/** More than the plan's period: each start finds it due. */
const STEP_MS = 120_000;

/**
 * Kills a service with SIGKILL at random moments of a plan that snapshots, sends to a btrfs drive,
 * exports into an archive on ext4 and prunes. After each kill the next start must come to an
 * end by itself, with both copies equal to the source, and nothing half left behind.
 */
export async function planKills({
  moments,
  seed,
  log = () => undefined,
}: KillsOptions): Promise<KillsResult> {
  const scene = await Scene.make();
  const random = new Random(seed);
  const failures: string[] = [];
  let [killed, late] = [0, 0];
  try {
    scene.change(random);
    let lengthMs = await scene.finish();
    for (let moment = 0; moment < moments; moment += 1) {
      scene.change(random);
      const afterMs = Math.floor(random.unit() * lengthMs);
      if (await scene.killAfter(afterMs)) killed += 1;
      else late += 1;
      lengthMs = (lengthMs + (await scene.finish())) / 2;
      const wrong = await scene.wrong();
      failures.push(...wrong.map((text) => `moment ${moment}, ${afterMs} ms: ${text}`));
      log(
        `moment ${moment + 1}: ${afterMs} ms of ${Math.round(lengthMs)}, ${wrong.join('; ') || 'right'}`,
      );
    }
  } finally {
    scene.close();
  }
  return { killed, late, failures };
}

class Scene {
  readonly #laptop: TestBtrfs;
  readonly #drive: TestBtrfs;
  readonly #disks: TestDisks;
  readonly #stick: string;
  readonly #stickDevice: string;
  readonly #work: string;
  #aheadMs = 0;

  private constructor() {
    this.#laptop = makeBtrfs({ sizeMiB: 1_500, mkfsArgs: ['-L', `kills-${process.pid}`] });
    this.#drive = makeBtrfs({ sizeMiB: 1_500 });
    this.#disks = new TestDisks();
    const image = this.#disks.formatted('stick', 'mkfs.ext4', ['-q'], 1_000);
    this.#stickDevice = this.#disks.plug(image);
    this.#stick = this.#disks.mount(this.#stickDevice, 'stick-mount');
    this.#work = mkdtempSync(join(tmpdir(), 'dendro-kills-'));
  }

  static async make(): Promise<Scene> {
    const scene = new Scene();
    run('btrfs', ['subvolume', 'create', join(scene.#laptop.dir, 'home')]);
    await scene.#makePlan();
    return scene;
  }

  async #makePlan(): Promise<void> {
    const historyPath = this.#history;
    const options = { version: 'test', carrier: 'in-process' as const, runPlans: false };
    const service = createService({ historyPath, ...options });
    const client = inProcessClient(service);
    const uuidOf = (device: string): string =>
      runText('blkid', ['-p', '-s', 'UUID', '-o', 'value', device]);
    const volumeId = uuidOf(this.#laptop.devices[0]!);
    const subvolumes = await client.call('subvolumes.list', { volumeId });
    const { subvolumeId } = subvolumes.find(({ path }) => path === 'home')!;
    const draft = PlanDraft.parse({
      name: 'Home',
      sources: [{ volumeId, subvolumeId, path: 'home' }],
      when: [{ every: 'minutes', minutes: 1 }],
      keepLocal: KEEP,
      targets: [
        { kind: 'btrfs', volumeId: uuidOf(this.#drive.devices[0]!), keep: KEEP },
        { kind: 'archive', driveId: uuidOf(this.#stickDevice), folder: 'home', keep: KEEP },
      ],
    });
    await client.call('plans.create', draft);
    await service.close();
  }

  get #history(): string {
    return join(this.#work, 'history.sqlite');
  }

  change(random: Random): void {
    const folder = join(this.#laptop.dir, 'home', `folder-${Math.floor(random.unit() * 6)}`);
    mkdirSync(folder, { recursive: true });
    for (let i = 0; i < 60; i += 1) {
      writeFileSync(
        join(folder, `file-${i}`),
        random.bytes(1 + Math.floor(random.unit() * 90_000)),
      );
    }
    writeFileSync(join(this.#laptop.dir, 'home', 'large'), random.bytes(4 << 20));
  }

  /** False: the plan had ended before. */
  async killAfter(afterMs: number): Promise<boolean> {
    const child = this.#start('kill');
    let hasEnded = false;
    await new Promise<void>((resolve) => {
      createInterface({ input: child.stdout! }).on('line', (word) => {
        hasEnded ||= word === 'ended';
        if (word === 'begun') resolve();
      });
    });
    await sleep(afterMs);
    const isLate = hasEnded;
    child.kill('SIGKILL');
    await once(child, 'exit');
    return !isLate;
  }

  /** The next start, left to itself until the plan has ended. Returns how long it took. */
  async finish(): Promise<number> {
    const child = this.#start('finish');
    let begunMs = performance.now();
    createInterface({ input: child.stdout! }).on('line', (word) => {
      if (word === 'begun') begunMs = performance.now();
    });
    await once(child, 'exit');
    return performance.now() - begunMs;
  }

  #start(mode: 'kill' | 'finish') {
    this.#aheadMs += STEP_MS;
    const args = [PROGRAM, this.#history, String(this.#aheadMs), mode];
    return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  }

  /** What is not as it should be after the plan has come to an end. */
  async wrong(): Promise<string[]> {
    const newest = visible(join(this.#laptop.dir, '.dendro')).at(-1)!;
    const local = join(this.#laptop.dir, '.dendro', newest);
    const copy = join(this.#drive.dir, newest);
    return [
      ...this.#stateIsWrong(),
      ...(visible(this.#drive.dir).includes(newest)
        ? showDifferences(compareTrees(local, copy))
        : [`${newest} is not on the drive`]),
      ...this.#archiveIsWrong(newest, local),
      ...readdirSync(this.#drive.dir)
        .filter((name) => name.startsWith('.dendro-receive'))
        .flatMap((name) => readdirSync(join(this.#drive.dir, name)))
        .map((name) => `left half-received: ${name}`),
    ];
  }

  #stateIsWrong(): string[] {
    const history = openHistory(this.#history);
    try {
      const { total } = history.runs.list({ state: 'running', limit: 1, offset: 0 });
      const [plan] = history.plans.list();
      return [
        ...(total > 0 ? [`${total} runs are said to go on`] : []),
        ...plan!.parts.flatMap(({ key, error, retryAtMs }) =>
          error || retryAtMs !== null ? [`${key}: ${error?.message ?? 'to be tried again'}`] : [],
        ),
        ...history.interruptedSends.list().map(({ folder }) => `still to be sent: ${folder}`),
      ];
    } finally {
      history.close();
    }
  }

  /** Whole by its checksums, and the newest point restores to what the source was. */
  #archiveIsWrong(newest: string, local: string): string[] {
    const folder = join(this.#stick, 'home');
    const target = join(this.#laptop.dir, 'restored');
    mkdirSync(target);
    try {
      run(dendro, ['archive', 'verify', folder]);
      run(dendro, ['archive', 'restore', folder, newest, '--to', target]);
      return showDifferences(compareTrees(local, join(target, newest)));
    } catch (error) {
      return [`archive: ${(error as Error).message}`];
    } finally {
      for (const name of visible(target)) run('btrfs', ['subvolume', 'delete', join(target, name)]);
      rmSync(target, { recursive: true });
    }
  }

  close(): void {
    this.#laptop.close();
    this.#drive.close();
    this.#disks.close();
    rmSync(this.#work, { recursive: true, force: true });
  }
}

function visible(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .sort();
}
