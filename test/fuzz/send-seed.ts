import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { openVolume } from '../../main/engine/volume/index.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import type { TestBtrfs } from '../harness/loop.ts';
import { RandomTree } from '../harness/random-tree.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { dump, encode, type StreamOptions } from '../send/round-trip.ts';

export interface SeedResult {
  readonly streams: number;
  /** Empty when every snapshot arrived as it is. */
  readonly failure: string;
}

/** Increments sent one after the other, before lines are crossed. */
const CHAIN = 5;

/**
 * One random history: a full send, a chain of increments with random edits between, then a
 * rollback whose line goes on by itself, increments across lines and from newer to older.
 */
export function runSeed(source: TestBtrfs, target: TestBtrfs, seed: number): SeedResult {
  const history = new History(source, target, seed);
  try {
    history.play();
    return { streams: history.streams, failure: '' };
  } catch (error) {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {
      streams: history.streams,
      failure: `${text}\n${history.log.join('\n')}\n${history.dump()}`,
    };
  } finally {
    history.clean();
  }
}

class History {
  readonly log: string[] = [];
  streams = 0;
  readonly #source: TestBtrfs;
  readonly #target: TestBtrfs;
  readonly #random: Random;
  readonly #top: string;
  readonly #options: StreamOptions;
  readonly #snapshots: string[] = [];
  #received = 0;
  #stream: Buffer = Buffer.alloc(0);

  constructor(source: TestBtrfs, target: TestBtrfs, seed: number) {
    this.#source = source;
    this.#target = target;
    this.#random = new Random(seed);
    this.#top = `seed-${seed}`;
    const protocol = this.#random.pick([1, 1, 2] as const);
    this.#options = {
      protocol,
      compressedData: protocol === 2 && this.#random.chance(0.5),
    };
    mkdirSync(join(source.dir, this.#top));
    mkdirSync(join(target.dir, this.#top));
  }

  play(): void {
    const random = this.#random;
    this.log.push(JSON.stringify(this.#options));
    this.#subvolume('create', 'one');
    this.#edit('one', random.between(10, 80));
    this.#send('s0', this.#snapshot('one'), undefined);
    for (let i = 1; i <= CHAIN; i++) {
      this.#edit('one', random.between(1, 50));
      this.#send(`s${i}`, this.#snapshot('one'), this.#snapshots[i - 1]);
    }
    this.#subvolume('snapshot', this.#snapshots[random.between(0, CHAIN)]!, 'two');
    this.#edit('two', random.between(1, 60));
    const other = this.#snapshot('two');
    this.#send('across', other, random.pick(this.#snapshots.slice(0, -1)));
    const [first, second] = [random.pick(this.#snapshots), random.pick(this.#snapshots)];
    if (first !== second) this.#send('any', first, second);
  }

  /** The last stream in words. */
  dump(): string {
    return this.#stream.length === 0 ? '' : dump(this.#stream);
  }

  clean(): void {
    for (const fs of [this.#source, this.#target]) {
      const top = join(fs.dir, this.#top);
      const folders = readdirSync(top, { withFileTypes: true }).map(({ name }) => join(top, name));
      for (const folder of folders) this.#remove(folder);
      run('rm', ['-rf', top]);
    }
  }

  #remove(folder: string): void {
    const { status } = run('btrfs', ['-q', 'subvolume', 'delete', folder], { accept: [0, 1] });
    if (status === 0) return;
    for (const name of readdirSync(folder)) {
      run('btrfs', ['-q', 'subvolume', 'delete', join(folder, name)], { accept: [0, 1] });
    }
  }

  #edit(work: string, count: number): void {
    const tree = new RandomTree(this.#path(work), this.#random);
    this.log.push(`# ${work}`, ...tree.edit(count, { remount: () => this.#source.remount() }));
  }

  #subvolume(command: string, ...names: string[]): void {
    this.log.push(`# ${command} ${names.join(' ')}`);
    run('btrfs', ['-q', 'subvolume', command, ...names.map((name) => this.#path(name))]);
  }

  #snapshot(work: string): string {
    const name = `s${this.#snapshots.length}`;
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', this.#path(work), this.#path(name)]);
    this.#snapshots.push(name);
    this.log.push(`# snapshot ${work} ${name}`);
    return name;
  }

  #send(what: string, snapshot: string, parent: string | undefined): void {
    this.log.push(`# send ${snapshot} parent ${parent ?? 'none'}`);
    this.#source.sync();
    const volume = openVolume(this.#source.devices);
    let stream: Buffer;
    try {
      const options = { ...this.#options, ...(parent && { parent: `${this.#top}/${parent}` }) };
      stream = encode(volume, `${this.#top}/${snapshot}`, options);
    } finally {
      volume.close();
    }
    const into = join(this.#target.dir, this.#top, `r${this.#received++}`);
    mkdirSync(into);
    this.#stream = stream;
    run('btrfs', ['-q', 'receive', into], { input: stream });
    this.streams++;
    const differences = compareTrees(this.#path(snapshot), join(into, snapshot), {
      except: ['flags'],
      also: ['atime'],
    });
    if (differences.length > 0) {
      throw new Error(`${what}: ${showDifferences(differences).join('\n')}`);
    }
  }

  #path(name: string): string {
    return join(this.#source.dir, this.#top, name);
  }
}
