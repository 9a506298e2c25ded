import { spawn, type ChildProcess } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cleanLeftovers, identityOf, receive, resumePoint } from '../../main/engine/receive.ts';
import { fdSource } from '../../main/engine/stream/decode-source.ts';
import { rootFacts } from '../../main/linux/btrfs-ioctl-search.ts';
import { subvolumeInfo } from '../../main/linux/btrfs-ioctl.ts';
import { closeFd, cString, O_DIRECTORY, O_RDONLY, openPath } from '../../main/linux/files.ts';
import { CuttableDisk } from '../harness/cuttable-disk.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { dendro } from '../harness/dendro.ts';
import { fillTree } from '../harness/fill.ts';
import { makeBtrfs, sleepMs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run, runText } from '../harness/run.ts';
import { openPipe } from '../harness/syscalls.ts';

export const FAULTS = ['receiver killed', 'sender killed', 'target full', 'power cut'] as const;
export type Fault = (typeof FAULTS)[number];

export interface Verdict {
  /** Where the next run went on; 0: from the start. */
  readonly resumedAt: number;
  /** The fault came too late: the snapshot was already there. */
  readonly isLate: boolean;
}

const RECEIVER = join(import.meta.dirname, 'receiver.ts');
/** Compiled code is kept, as the launcher does: else each start takes longer than the receive. */
const RECEIVER_ENV = { NODE_COMPILE_CACHE: join(tmpdir(), 'dendro-danger-compiled') };
const CHECKPOINT_MS = 120;
const NAME = 'snapshot';
/** Flags are in no other. */
const VERSION = ['--proto', '2'];
const BARRED = 20;
const LARGE_BYTES = 8 << 20;
/** Of ten moments so many lie anywhere from the start of the programs on, the others later. */
const ANYWHERE_OF_TEN = 2;

/** A source, and a target whose power can be cut. */
export class Danger {
  readonly #source: TestBtrfs;
  readonly #disk: CuttableDisk;
  readonly #random: Random;
  /** A receive without a fault: all of it, and until its stream comes in. */
  #durationMs = 2000;
  #beginsAtMs = 0;

  #children: readonly ChildProcess[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
    this.#source = makeBtrfs({ sizeMiB: 512 });
    this.#disk = new CuttableDisk(400);
    run('btrfs', ['subvolume', 'create', `${this.#source.dir}/live`]);
    fillTree(`${this.#source.dir}/live`, { files: 400 });
    writeFileSync(`${this.#source.dir}/live/large`, this.#random.bytes(LARGE_BYTES));
    this.#bar(`${this.#source.dir}/live`);
    run('btrfs', ['subvolume', 'snapshot', '-r', `${this.#source.dir}/live`, this.#snapshot]);
    run(dendro, ['send', '-q', ...VERSION, '-f', this.#stream, this.#snapshot]);
    // Before the listeners that unmount the disk on which this one lies.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.prependOnceListener(signal, () => this.#release());
    }
  }

  /** Flags that are set at the end only, all over the stream. */
  #bar(dir: string): void {
    for (let i = 0; i < BARRED; i += 1) {
      const folder = `${dir}/barred-${i}`;
      mkdirSync(folder);
      writeFileSync(`${folder}/file`, this.#random.bytes(1000));
      run('chattr', ['+i', `${folder}/file`]);
      run('chattr', [i % 2 === 0 ? '+i' : '+a', folder]);
    }
  }

  /** Unmounts the inner disk, whoever uses it. */
  #release(): void {
    for (const child of this.#children) child.kill('SIGKILL');
    this.#disk.close();
  }

  close(): void {
    this.#release();
    this.#source.close();
  }

  /** Runs once without a fault, to know how long it takes and that it is right. */
  async calm(): Promise<void> {
    // The first run only fills the caches of compiled code.
    for (let run = 1; run <= 2; run += 1) {
      const began = performance.now();
      const { receiver, begun } = this.#start(this.#resend);
      void begun.then(() => (this.#beginsAtMs = performance.now() - began));
      await ended(receiver);
      this.#durationMs = performance.now() - began;
      this.#compare();
      this.#clear();
    }
  }

  /** One fault at a random moment, the next run, and a comparison. Throws when anything is wrong. */
  async strike(fault: Fault): Promise<Verdict> {
    if (fault === 'target full') this.#fillUp();
    const isSender = fault === 'sender killed';
    const { sender, receiver, begun } = this.#start(isSender ? this.#send(0) : this.#resend);
    const isFull = fault === 'target full';
    if (!isFull) {
      await this.#moment(begun);
      if (fault === 'sender killed') sender.kill('SIGKILL');
      if (fault === 'receiver killed') receiver.kill('SIGKILL');
      if (fault === 'power cut') this.#disk.cut();
    }
    if (fault === 'power cut') {
      receiver.kill('SIGKILL');
      sender.kill('SIGKILL');
    }
    await Promise.all([ended(sender), ended(receiver)]);
    if (receiver.exitCode === 3) throw new Error(`the receiver met a bug: ${this.#said}`);
    if (fault === 'power cut') this.#disk.start();
    if (isFull) rmSync(`${this.#mount}/ballast`);
    this.#noHalfSnapshot();
    return this.#goOn();
  }

  async #moment(begun: Promise<void>): Promise<void> {
    if (this.#random.between(0, 10) < ANYWHERE_OF_TEN) {
      return sleep(this.#random.between(1, Math.ceil(this.#durationMs)));
    }
    await begun;
    return sleep(this.#random.between(0, Math.ceil(this.#durationMs - this.#beginsAtMs)));
  }

  async #goOn(): Promise<Verdict> {
    if (existsSync(`${this.#mount}/${NAME}`)) return this.#judge(0, true);
    const point = resumePoint(this.#mount, this.#identity());
    if (point.isComplete) return this.#judge(0, true);
    // Agreed on the place, or over a pipe that goes one way only.
    if (this.#random.between(0, 2) === 0) await this.#sendTheRest(point.command);
    else this.#receiveAgain();
    return this.#judge(point.command, false);
  }

  async #sendTheRest(command: number): Promise<void> {
    const { sender, receiver } = this.#start(this.#send(command));
    await Promise.all([ended(sender), ended(receiver)]);
    if (receiver.exitCode !== 0) throw new Error(`the next run failed: ${this.#said}`);
  }

  /** The whole stream, in this process: nothing kills it, and a start costs more than it does. */
  #receiveAgain(): void {
    const fd = openSync(this.#stream, 'r');
    try {
      receive({ source: fdSource(fd), target: this.#mount, checkpointEveryMs: CHECKPOINT_MS });
    } finally {
      closeSync(fd);
    }
  }

  #judge(resumedAt: number, isLate: boolean): Verdict {
    // Cut off between the last rename and the end of tidying up: the snapshot is whole.
    if (isLate) cleanLeftovers(this.#mount);
    this.#compare();
    this.#clear();
    return { resumedAt, isLate };
  }

  #said = '';

  /** `begun` resolves when the receiver has read the first command, or has ended. */
  #start(sending: readonly [command: string, ...words: string[]]): {
    sender: ChildProcess;
    receiver: ChildProcess;
    begun: Promise<void>;
  } {
    const { read, write } = openPipe();
    const [command, ...words] = sending;
    const sender = spawn(command, words, { stdio: ['ignore', write, 'pipe'] });
    const receiver = spawn(process.execPath, [RECEIVER, this.#mount, String(CHECKPOINT_MS)], {
      stdio: [read, 'pipe', 'pipe'],
      env: { ...process.env, ...RECEIVER_ENV },
    });
    this.#children = [sender, receiver];
    const begun = new Promise<void>((resolve) => {
      receiver.stdout?.once('data', () => resolve());
      receiver.once('close', () => resolve());
    });
    this.#said = '';
    const listen = (chunk: Buffer): void => void (this.#said += chunk.toString());
    receiver.stdout?.on('data', listen);
    receiver.stderr?.on('data', listen);
    sender.stderr?.on('data', listen);
    closeSync(read);
    closeSync(write);
    return { sender, receiver, begun };
  }

  /** The sender itself, going on at a command; 0 is the whole stream. */
  #send(resumeFrom: number): [string, ...string[]] {
    const resume = resumeFrom > 0 ? ['--resume-from', String(resumeFrom)] : [];
    return [dendro, 'send', '-q', ...VERSION, ...resume, this.#snapshot];
  }

  /** The same bytes, of which a receiver passes over what it has. */
  get #resend(): [string, ...string[]] {
    return ['cat', this.#stream];
  }

  get #mount(): string {
    return this.#disk.dir;
  }

  get #stream(): string {
    return `${this.#disk.outside}/stream`;
  }

  get #snapshot(): string {
    return `${this.#source.dir}/${NAME}`;
  }

  #identity() {
    const fd = openPath(cString(this.#snapshot), O_RDONLY | O_DIRECTORY);
    const { uuid, ctransid } = subvolumeInfo(fd);
    closeFd(fd);
    return identityOf(Buffer.from(NAME), uuid, ctransid);
  }

  #compare(): void {
    const found = compareTrees(this.#snapshot, `${this.#mount}/${NAME}`);
    if (found.length > 0) throw new Error(showDifferences(found).join('\n'));
    const shown = runText('btrfs', ['subvolume', 'show', `${this.#mount}/${NAME}`]);
    if (!/Flags:\s+readonly/.test(shown)) throw new Error('the snapshot is writable');
    if (/Received UUID:\s+-\s*$/m.test(shown)) throw new Error('it has no received UUID');
    const left = readdirSync(this.#mount).filter((name) => name !== NAME);
    if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  }

  /** Nothing that is not whole may look whole: no received UUID on anything but the snapshot. */
  #noHalfSnapshot(): void {
    if (existsSync(`${this.#mount}/${NAME}`)) return;
    const fd = openPath(cString(this.#mount), O_RDONLY | O_DIRECTORY);
    try {
      for (const line of runText('btrfs', ['subvolume', 'list', '-R', this.#mount]).split('\n')) {
        const id = Number(/^ID (\d+)/.exec(line)?.[1] ?? 0);
        const isHidden = /path \.dendro-[0-9a-f]{16}$/.test(line);
        if (id === 0 || isHidden) continue;
        const facts = rootFacts(fd, id);
        if (facts?.receivedUuid.some((byte) => byte !== 0) === true) {
          throw new Error(`a half snapshot looks whole: ${line}`);
        }
      }
    } finally {
      closeFd(fd);
    }
  }

  #clear(): void {
    run('btrfs', ['-q', 'subvolume', 'delete', '-C', `${this.#mount}/${NAME}`]);
    cleanLeftovers(this.#mount);
    this.#waitUntilFreed();
  }

  /** `btrfs subvolume sync` looks once a second only. */
  #waitUntilFreed(): void {
    for (let attempt = 1; ; attempt += 1) {
      run('btrfs', ['filesystem', 'sync', this.#mount]);
      if (runText('btrfs', ['subvolume', 'list', '-d', this.#mount]) === '') return;
      if (attempt === 500) throw new Error('deleted subvolumes are not freed');
      sleepMs(20);
    }
  }

  #lastBallast = 256 << 20;

  /** Takes all room for data, in ever smaller pieces, and gives a part of what is needed back. */
  #fillUp(): void {
    const ballast = `${this.#mount}/ballast`;
    let filled = 0;
    const take = (piece: number): boolean => {
      const words = ['-o', String(filled), '-l', String(piece), ballast];
      if (run('fallocate', words, { accept: [0, 1] }).status !== 0) return false;
      filled += piece;
      return true;
    };
    take(this.#lastBallast);
    for (let piece = 64 << 20; piece >= 64 << 10; piece >>= 2) while (take(piece));
    this.#lastBallast = filled - (1 << 20);
    const room = this.#random.between(0, LARGE_BYTES);
    run('truncate', ['-s', String(Math.max(0, filled - room)), ballast]);
    run('btrfs', ['filesystem', 'sync', this.#mount]);
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.on('close', () => resolve()));
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
