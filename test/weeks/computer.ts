import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inProcessClient, type LocalService } from '../../main/service/service.ts';
import type { Client } from '../../shared/contract/client.ts';
import { driveOf, type PlanTarget } from '../../shared/model/plan-target.ts';
import type { Run } from '../../shared/model/run.ts';
import { TestDisks } from '../drives/disks.ts';
import type { Random } from '../harness/random.ts';
import { RandomTree } from '../harness/random-tree.ts';
import { run, runText } from '../harness/run.ts';
import { unmountFolder } from '../harness/loop.ts';
import { openService } from '../service/open-service.ts';

/** What a person calls one thing, whatever subvolume it is after a rollback. */
export interface Home {
  readonly name: string;
  /** From the top level of the laptop's filesystem. */
  subvolume: string;
  /** Where it is mounted. */
  readonly folder: string;
  tree: RandomTree;
}

/** A drive that is plugged in and pulled out. */
export class PluggedDrive {
  readonly name: string;
  readonly image: string;
  readonly filesystem: 'btrfs' | 'ext4';
  id = '';
  device: string | undefined;

  constructor(name: string, image: string, filesystem: 'btrfs' | 'ext4') {
    this.name = name;
    this.image = image;
    this.filesystem = filesystem;
  }
}

export function isOn(target: PlanTarget, { id }: PluggedDrive): boolean {
  return driveOf(target) === id;
}

/** A laptop with what is on it, the drives in its drawer, and its service. */
export class Computer {
  readonly disks: TestDisks;
  readonly work = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-weeks-`));
  readonly label: string;
  #laptopImage: string;
  /** Whose key opens what is encrypted; without any nothing is. */
  readonly recipients: readonly string[];
  readonly identity: string;
  laptop = '';
  readonly homes: Home[] = [];
  readonly drives: PluggedDrive[];
  service!: LocalService;
  client!: Client;
  /** Where the laptop's and the drives' top levels are seen while somebody looks. */
  readonly #looks = new Map<string, string>();
  readonly #mounted: string[] = [];
  readonly #random: Random;
  readonly #isGuest: boolean;

  /** @param other whose drives it shares; only one of them is awake at a time. */
  constructor(random: Random, homes: readonly string[], other?: Computer) {
    this.disks = other?.disks ?? new TestDisks();
    this.drives = other?.drives ?? [];
    this.#random = random;
    this.#isGuest = other !== undefined;
    this.identity = other?.identity ?? join(this.work, 'identity');
    this.recipients =
      other?.recipients ?? (random.chance(0.3) ? [newRecipient(this.identity)] : []);
    this.label = `weeks-${process.pid}-${random.between(0, 1e6)}`;
    for (const name of homes) {
      const folder = join(this.work, name);
      mkdirSync(folder);
      this.homes.push({ name, subvolume: `@${name}`, folder, tree: undefined! });
    }
    this.#laptopImage = this.#newDisk();
    this.boot();
    for (const home of this.homes) home.tree.edit(30);
    if (other === undefined) {
      this.addDrive('blue', 'btrfs');
      this.addDrive('red', 'btrfs');
      this.addDrive('stick', 'ext4');
    }
    this.start();
  }

  #newDisk(): string {
    const image = this.disks.formatted(this.label, 'mkfs.btrfs', ['-q', '-L', this.label], 1_500);
    this.laptop = this.disks.plug(image);
    this.atTop(this.laptop, (top) => {
      for (const { subvolume } of this.homes)
        run('btrfs', ['subvolume', 'create', join(top, subvolume)]);
    });
    return image;
  }

  /** The disk is broken, and with it the history: empty homes on a new one. Only while nothing runs. */
  async replaceDisk(): Promise<void> {
    for (const path of this.#mounted.splice(0).reverse()) unmountFolder(path);
    await this.disks.unplug(this.laptop);
    rmSync(this.#laptopImage);
    this.#laptopImage = this.#newDisk();
    this.loseHistory();
    this.boot();
  }

  loseHistory(): void {
    for (const name of readdirSync(this.work)) {
      if (name.startsWith('history.sqlite') || name.startsWith('catalogue'))
        rmSync(join(this.work, name), { recursive: true });
    }
  }

  addDrive(name: string, filesystem: 'btrfs' | 'ext4'): PluggedDrive {
    const args = ['-q', '-L', `${name}-${this.label}`.slice(0, filesystem === 'ext4' ? 16 : 200)];
    const image = this.disks.formatted(name, `mkfs.${filesystem}`, args, 400);
    const drive = new PluggedDrive(name, image, filesystem);
    this.drives.push(drive);
    this.plug(drive);
    return drive;
  }

  plug(drive: PluggedDrive): void {
    drive.device = this.disks.plug(drive.image);
    drive.id = runText('blkid', ['-p', '-s', 'UUID', '-o', 'value', drive.device]);
  }

  async unplug(drive: PluggedDrive): Promise<void> {
    await this.client.call('drives.release', { driveId: drive.id });
    await this.disks.unplug(drive.device!);
    drive.device = undefined;
  }

  /** Mounts every home anew: what stands under its name now. */
  boot(): void {
    for (const path of this.#mounted.splice(0).reverse()) unmountFolder(path);
    for (const home of this.homes) {
      const options = `noatime,subvol=${home.subvolume}`;
      run('mount', ['-t', 'btrfs', '-o', options, this.laptop, home.folder]);
      this.#mounted.push(home.folder);
      const files = join(home.folder, 'files');
      mkdirSync(files, { recursive: true });
      home.tree = new RandomTree(files, this.#random);
    }
  }

  /** Its disk is gone for the other computer, and each drive that was here can be pulled. */
  async sleep(): Promise<void> {
    for (const drive of this.drives) {
      if (drive.device !== undefined)
        await this.client.call('drives.release', { driveId: drive.id });
    }
    await this.stop();
    for (const path of this.#mounted.splice(0).reverse()) unmountFolder(path);
    await this.disks.unplug(this.laptop);
  }

  async wake(): Promise<void> {
    this.laptop = this.disks.plug(this.#laptopImage);
    this.boot();
    this.start();
    await this.ready();
  }

  start(): void {
    this.service = openService(this.historyPath);
    this.client = inProcessClient(this.service);
  }

  get historyPath(): string {
    return join(this.work, 'history.sqlite');
  }

  async stop(): Promise<void> {
    await this.service.close();
  }

  /** Mounts a filesystem's top level out of everybody's sight for as long as `use` takes. */
  atTop<T>(device: string, use: (top: string) => T): T {
    const top = join(this.work, `top-${this.#looks.size}`);
    mkdirSync(top, { recursive: true });
    run('mount', ['-o', 'noatime,subvolid=5', '-t', 'btrfs', device, top]);
    this.#looks.set(device, top);
    try {
      return use(top);
    } finally {
      this.#looks.delete(device);
      unmountFolder(top);
    }
  }

  /** Runs a plan to its end; all runs that it made. */
  async runPlan(planId: string): Promise<Run[]> {
    // Names tell seconds.
    await sleep(1_000);
    const since = Date.now();
    await this.client.call('plans.run', { planId });
    await this.service.scheduler.idle();
    const { runs } = await this.client.call('runs.list', { afterMs: since - 1, limit: 1_000 });
    return runs.filter((one) => one.planId === planId);
  }

  /** Runs a plan in another process, and kills that. False: it had ended before. */
  async killedRun(planId: string, afterMs: number): Promise<boolean> {
    const program = new URL('./run-plan.ts', import.meta.url).pathname;
    const child = spawn(process.execPath, [program, this.historyPath, planId], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const ended = once(child, 'exit');
    await Promise.race([once(child.stdout, 'data'), ended]);
    await Promise.race([sleep(afterMs), ended]);
    const isRunning = child.exitCode === null;
    child.kill('SIGKILL');
    await ended;
    return isRunning;
  }

  /** Drives that a killed service had mounted stay so: nobody looks at them twice at once. */
  async ready(): Promise<void> {
    await this.client.call('drives.list', {});
    await this.client.call('sources.list', {});
  }

  fill(drive: PluggedDrive): void {
    const folder = join(this.work, 'fill');
    mkdirSync(folder, { recursive: true });
    run('mount', [drive.device!, folder]);
    const zeros = ['if=/dev/zero', `of=${join(folder, 'filler')}`, 'bs=64K'];
    run('dd', zeros, { accept: [0, 1] });
    run('sync', ['-f', folder]);
    unmountFolder(folder);
  }

  unfill(drive: PluggedDrive): void {
    const folder = join(this.work, 'fill');
    run('mount', [drive.device!, folder]);
    rmSync(join(folder, 'filler'));
    run('sync', ['-f', folder]);
    unmountFolder(folder);
  }

  /** Waits for what a call began. */
  async ended(runId: string): Promise<Run> {
    for (;;) {
      const found = await this.client.call('runs.get', { runId });
      if (found.state !== 'running') return found;
      await sleep(20);
    }
  }

  async close(): Promise<void> {
    for (const drive of this.drives) {
      if (drive.device === undefined) continue;
      await this.client.call('drives.release', { driveId: drive.id }).catch(() => undefined);
    }
    await this.service.close();
    for (const path of this.#mounted.splice(0).reverse()) unmountFolder(path);
    for (const path of [...this.#looks.values()]) run('umount', ['-l', path], { accept: [0, 32] });
    if (!this.#isGuest) this.disks.close();
    rmSync(this.work, { recursive: true, force: true });
  }
}

function newRecipient(identity: string): string {
  run('age-keygen', ['-o', identity]);
  return runText('age-keygen', ['-y', identity]).trim();
}
