import { createHash } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { planSend, type SendRequest } from '../../main/engine/send.ts';
import { receive } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { openSubvolume, type Subvolume } from '../../main/engine/tree/index.ts';
import { openVolume, type Volume } from '../../main/engine/volume/index.ts';
import { compareTrees, showDifferences, type Aspect } from '../harness/compare.ts';
import type { TestBtrfs } from '../harness/loop.ts';
import { encodedEdits } from '../harness/encoded-edits.ts';
import { extentEdits } from '../harness/extent-edits.ts';
import { memoryEdits } from '../harness/memory-edits.ts';
import { HeldFiles, moreEdits } from '../harness/more-edits.ts';
import { oddEdits } from '../harness/odd-edits.ts';
import { RandomTree } from '../harness/random-tree.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { createSnapshot, createSubvolume } from '../harness/syscalls.ts';
import { bytesOf, dump } from '../send/round-trip.ts';
import { startDisturbance } from './disturbance.ts';
import { TEMPLATE } from './high-numbers.ts';
import { isKnown } from './known-differences.ts';
import { leftOut, PATTERNS } from './left-out.ts';
import { tailFrom } from './commands.ts';

/** Of so many seeds one is sent while something else moves what is read. */
const DISTURBED = 8;

/** Increments sent one after the other, before lines are crossed. */
const CHAIN = 5;

/** What a mount may turn to in between; without one of these, back to those of the shape. */
const MOUNT_OPTIONS = [
  'compress-force=zstd:1',
  'compress=lzo,max_inline=4095',
  'nodatacow',
  'nodatasum,compress=zlib',
  'max_inline=0',
];

interface Sent {
  readonly name: string;
  readonly excludes: readonly string[];
}

/**
 * One random history: a full send, a chain of increments with random edits between, then a
 * rollback whose line goes on by itself, increments across lines and from newer to older.
 */
export class History {
  readonly log: string[] = [];
  streams = 0;
  readonly #source: TestBtrfs;
  readonly #target: TestBtrfs;
  readonly #random: Random;
  readonly #top: string;
  readonly #protocol: 1 | 2;
  readonly #compressedData: boolean;
  readonly #isOurs: boolean;
  readonly #clones: boolean;
  readonly #disturbance: 'balance' | 'defragment' | undefined;
  readonly #held = new HeldFiles();
  readonly #snapshots: Sent[] = [];
  /** What was sent, and the sum of the bytes. */
  readonly #sent: { request: (volume: Volume) => SendRequest; sha256: string }[] = [];
  /** Where each snapshot came to at last. */
  readonly #arrived = new Map<Sent, string>();
  #excludes: readonly string[] = [];
  #received = 0;
  #stream: Buffer = Buffer.alloc(0);

  constructor(source: TestBtrfs, target: TestBtrfs, seed: number) {
    const random = new Random(seed);
    this.#source = source;
    this.#target = target;
    this.#random = random;
    this.#top = `seed-${seed}`;
    const isDisturbed = seed % DISTURBED === DISTURBED - 1;
    const isOdd = Math.floor(seed / DISTURBED) % 2 === 1;
    this.#disturbance = isDisturbed ? (isOdd ? 'defragment' : 'balance') : undefined;
    this.#protocol = random.pick([1, 1, 2] as const);
    this.#compressedData = this.#protocol === 2 && random.chance(0.5);
    this.#isOurs = random.chance(0.4);
    this.#clones = random.chance(0.4);
    if (random.chance(0.25)) this.#excludes = random.pick(PATTERNS);
    mkdirSync(join(source.dir, this.#top));
    mkdirSync(join(target.dir, this.#top));
  }

  play(): void {
    const random = this.#random;
    const receiver = this.#isOurs ? 'our receive' : 'stock receive';
    const beside = this.#disturbance ?? 'nothing';
    this.log.push(
      `# version ${this.#protocol}, ${this.#compressedData}, ${receiver}, beside ${beside}`,
    );
    const template = join(this.#source.dir, TEMPLATE);
    if (existsSync(template)) createSnapshot(template, this.#path('one'), false);
    else createSubvolume(this.#path('one'));
    this.#edit('one', random.between(10, 80));
    this.#send('full', this.#snapshot('one'), undefined);
    for (let i = 1; i <= CHAIN; i++) {
      this.#edit('one', random.between(1, 50));
      // Other patterns from here on: paths come and go that nothing was done to.
      if (this.#excludes.length > 0 && random.chance(0.3)) this.#excludes = random.pick(PATTERNS);
      this.#send('increment', this.#snapshot('one'), this.#snapshots[i - 1]);
    }
    const base = this.#snapshots[random.between(0, CHAIN)]!.name;
    this.log.push(`# two is made of ${base}`);
    createSnapshot(this.#path(base), this.#path('two'), false);
    this.#edit('two', random.between(1, 60));
    this.#send('across', this.#snapshot('two'), random.pick(this.#snapshots.slice(0, -1)));
    const [first, second] = [random.pick(this.#snapshots), random.pick(this.#snapshots)];
    this.#excludes = first.excludes;
    if (first !== second) this.#send('any', first, second);
    this.#provePlan(first, second);
    if (random.chance(0.25)) this.#sendByKernel();
    if (random.chance(0.4)) this.#sendOn();
  }

  /** The last stream in words. */
  dump(): string {
    return this.#stream.length === 0 ? '' : dump(this.#stream);
  }

  /** What was made stays: the filesystems are thrown away after a few histories. */
  close(): void {
    this.#held.close();
  }

  #edit(work: string, count: number): void {
    const more = { ...moreEdits(this.#held), ...extentEdits, ...memoryEdits };
    Object.assign(more, oddEdits, encodedEdits);
    const tree = new RandomTree(this.#path(work), this.#random, more);
    const remount = (): void => {
      this.#held.close();
      const options = this.#random.chance(0.5) ? undefined : this.#random.pick(MOUNT_OPTIONS);
      if (options !== undefined) this.log.push(`# mounted with ${options}`);
      this.#source.remount(options);
    };
    this.log.push(`# ${work}`, ...tree.edit(count, { remount }));
  }

  #snapshot(work: string): Sent {
    const name = `s${this.#snapshots.length}`;
    createSnapshot(this.#path(work), this.#path(name), true);
    this.log.push(`# snapshot ${work} ${name}`);
    const sent = { name, excludes: this.#excludes };
    this.#snapshots.push(sent);
    return sent;
  }

  #send(what: string, snapshot: Sent, parent: Sent | undefined): void {
    const known = this.#snapshots.filter((one) => one !== snapshot);
    const clones = this.#clones ? known.filter(() => this.#random.chance(0.5)) : [];
    const names = clones.map(({ name }) => name).join(' ');
    const patterns = snapshot.excludes.join(' ');
    this.log.push(
      `# send ${snapshot.name} parent ${parent?.name ?? 'none'} clones ${names} without ${patterns}`,
    );
    const request = (volume: Volume): SendRequest =>
      this.#request(volume, snapshot, parent, clones);
    this.#stream = this.#withVolume((volume) => bytesOf(request(volume)));
    this.#sent.push({ request, sha256: sha256Of(this.#stream) });
    const into = this.#folder();
    if (this.#isOurs) receive({ source: bytesSource(this.#stream), target: into });
    else run('btrfs', ['-q', 'receive', into], { input: this.#stream });
    this.streams++;
    this.#expectSame(what, this.#path(snapshot.name), join(into, snapshot.name), snapshot.excludes);
    this.#arrived.set(snapshot, join(into, snapshot.name));
  }

  /** What was received is sent on, in full and then the increment: it goes by its uuid of old. */
  #sendOn(): void {
    const complete = [...this.#arrived].filter(([{ excludes }]) => excludes.length === 0);
    if (complete.length < 2) return;
    const [parent, snapshot] = [this.#random.pick(complete), this.#random.pick(complete)];
    if (snapshot === parent) return;
    this.log.push(`# on from ${snapshot[1]} parent ${parent[1]}`);
    this.#target.sync();
    const open = (volume: Volume, path: string): Subvolume =>
      openSubvolume(volume, Buffer.from(relative(this.#target.dir, path)));
    const send = (path: string, from: string | undefined): Buffer => {
      const volume = openVolume(this.#target.devices);
      try {
        return bytesOf({
          volume,
          snapshot: open(volume, path),
          parent: from === undefined ? undefined : open(volume, from),
          protocol: this.#protocol,
          compressedData: this.#compressedData,
        });
      } finally {
        volume.close();
      }
    };
    const into = this.#folder();
    const streams = [send(parent[1], undefined), send(snapshot[1], parent[1])];
    for (const [i, [{ name }]] of [parent, snapshot].entries()) {
      this.#stream = streams[i]!;
      if (this.#isOurs) receive({ source: bytesSource(this.#stream), target: into });
      else run('btrfs', ['-q', 'receive', into], { input: this.#stream });
      this.streams++;
      this.#expectSame('on', this.#path(name), join(into, name), []);
    }
  }

  #request(
    volume: Volume,
    snapshot: Sent,
    parent: Sent | undefined,
    clones: readonly Sent[],
  ): SendRequest {
    const patterns = new Map<number, readonly string[]>();
    const open = ({ name, excludes }: Sent) => {
      const subvolume = openSubvolume(volume, Buffer.from(`${this.#top}/${name}`));
      patterns.set(subvolume.id, excludes);
      return subvolume;
    };
    return {
      volume,
      snapshot: open(snapshot),
      ...(parent !== undefined && { parent: open(parent) }),
      cloneSources: clones.map(open),
      protocol: this.#protocol,
      compressedData: this.#compressedData,
      excludes: snapshot.excludes,
      excludesOf: ({ id }) => patterns.get(id)!,
    };
  }

  #withVolume<T>(body: (volume: Volume) => T): T {
    const stop =
      this.#disturbance && startDisturbance(this.#disturbance, this.#source.dir, this.#path('one'));
    try {
      const volume = openVolume(this.#source.devices);
      try {
        return body(volume);
      } finally {
        volume.close();
      }
    } finally {
      stop?.();
    }
  }

  /** The plan is exact, and a stream that goes on in the middle ends in the same bytes. */
  #provePlan(snapshot: Sent, parent: Sent): void {
    const random = this.#random;
    const clones = random.chance(0.5) ? this.#snapshots.filter(() => random.chance(0.5)) : [];
    const noData = random.chance(0.3);
    const from = random.chance(0.8) ? parent : undefined;
    const names = clones.map(({ name }) => name).join(' ');
    this.log.push(
      `# plan and resume ${snapshot.name} from ${from?.name} clones ${names} without data ${noData}`,
    );
    this.#withVolume((volume) => {
      const request = { ...this.#request(volume, snapshot, from, clones), noData };
      const stream = bytesOf(request);
      const plan = planSend(request);
      const command = random.between(1, plan.commands);
      const rest = bytesOf({ ...request, resumeFrom: command });
      if (plan.streamBytes !== stream.length) throw new Error('the plan is not exact');
      if (tailFrom(stream, plan.commands).length > 0) throw new Error('the plan lacks commands');
      if (!tailFrom(rest, 1).equals(tailFrom(stream, command))) {
        throw new Error(`a stream resumed at command ${command} is another`);
      }
    });
  }

  /** What was sent has the same bytes from these devices, as they are now. */
  proveSame(devices: readonly string[]): void {
    const volume = openVolume(devices);
    try {
      for (const [index, { request, sha256 }] of this.#sent.entries()) {
        if (sha256Of(bytesOf(request(volume))) === sha256) continue;
        throw new Error(`send ${index} has other bytes from ${devices.join(' ')}`);
      }
    } finally {
      volume.close();
    }
  }

  /**
   * The kernel's stream: what our receive makes of it is nowhere further from the snapshot than
   * what the stock one makes. It may be nearer: ours keeps what is inherited by accident away.
   */
  #sendByKernel(): void {
    const complete = this.#snapshots.filter(({ excludes }) => excludes.length === 0);
    if (complete.length < 2 || this.log.some((line) => line.startsWith('vast '))) return;
    const [snapshot, parent] = [this.#random.pick(complete), this.#random.pick(complete)];
    const from = snapshot === parent ? [] : ['-p', this.#path(parent.name)];
    const accept = { accept: [0, 1] };
    const version = this.#random.pick([
      [],
      ['--proto', '2'],
      ['--proto', '2', '--compressed-data'],
    ]);
    const args = ['-q', 'send', ...version, ...from, this.#path(snapshot.name)];
    this.log.push(`# by the kernel: ${args.join(' ')}`);
    const sent = run('btrfs', args, accept);
    const [stock, ours] = [this.#folder(), this.#folder()];
    const input = sent.stdout;
    const received = run('btrfs', ['-q', 'receive', stock], { input, ...accept });
    // Where the kernel's own stream fails there is nothing to compare with (KERNEL.md).
    if (sent.status !== 0 || received.status !== 0) return;
    this.#stream = input;
    receive({ source: bytesSource(input), target: ours });
    this.streams++;
    const wrong = (folder: string): Set<string> => {
      const found = compareTrees(this.#path(snapshot.name), join(folder, snapshot.name), {
        except: ['flags', 'mtime'],
        limit: 100_000,
      });
      const fresh = found.filter((one) => !isKnown(one));
      return new Set(fresh.map(({ path, aspect }) => `${path}: ${aspect}`));
    };
    const known = wrong(stock);
    const worse = [...wrong(ours)].filter((one) => !known.has(one));
    if (worse.length > 0) throw new Error(`by the kernel: ${worse.join('\n')}`);
  }

  #folder(): string {
    const into = join(this.#target.dir, this.#top, `r${this.#received++}`);
    mkdirSync(into);
    return into;
  }

  #expectSame(what: string, left: string, right: string, excludes: readonly string[]): void {
    const carriesFlags = this.#isOurs && this.#protocol === 2;
    const except: Aspect[] = carriesFlags ? [] : ['flags'];
    // A file that has names which are left out has fewer links.
    if (excludes.length > 0) except.push('links');
    const ignore = excludes.length > 0 ? leftOut(left, excludes) : undefined;
    const options = { except, also: ['atime' as const], ...(ignore && { ignore }) };
    const differences = compareTrees(left, right, options).filter((one) => !isKnown(one));
    if (differences.length === 0) return;
    throw new Error(`${what}: ${showDifferences(differences).join('\n')}`);
  }

  #path(name: string): string {
    return join(this.#source.dir, this.#top, name);
  }
}

function sha256Of(stream: Buffer): string {
  return createHash('sha256').update(stream).digest('hex');
}
