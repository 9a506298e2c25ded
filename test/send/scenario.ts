import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { receive } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { openVolume } from '../../main/engine/volume/index.ts';
import { compareTrees, showDifferences, type Aspect } from '../harness/compare.ts';
import { makeBtrfs, type BtrfsOptions, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { encode, type StreamOptions } from './round-trip.ts';

/** Steps of one subvolume's life; a snapshot is taken after each. */
export type Step = (dir: string, fs: TestBtrfs) => void;

const routes: readonly { name: string; options: StreamOptions; isOurs: boolean }[] = [
  { name: 'version 1, stock receive', options: { protocol: 1 }, isOurs: false },
  {
    name: 'version 2, stock receive',
    options: { protocol: 2, compressedData: true },
    isOurs: false,
  },
  { name: 'version 1, our receive', options: { protocol: 1 }, isOurs: true },
  { name: 'version 2, our receive', options: { protocol: 2, compressedData: true }, isOurs: true },
];

/** Two filesystems for all tests of a file. */
export class Stage {
  source!: TestBtrfs;
  target!: TestBtrfs;
  #count = 0;

  constructor(options: BtrfsOptions = {}) {
    beforeAll(() => {
      this.source = makeBtrfs({ sizeMiB: 1024, ...options });
      this.target = makeBtrfs({ sizeMiB: 1024 });
    });
    afterAll(() => {
      this.source.close();
      this.target.close();
    });
  }

  /**
   * A test: each snapshot arrives as it is, the first in full, each other one as an increment
   * from the one before and, at the end, the last from the first and the first from the last.
   */
  arrives(what: string, steps: readonly Step[], except: readonly Aspect[] = []): void {
    test(what, () => {
      const snapshots = this.play(steps);
      for (const route of routes) {
        const into = join(this.target.dir, `r${this.#count++}`);
        mkdirSync(into);
        const last = snapshots.length - 1;
        const pairs = snapshots.map((_, i) => [i, i - 1]);
        if (last > 1) pairs.push([last, 0]);
        if (last > 0) pairs.push([0, last]);
        for (const [index, parent] of pairs) {
          const folder = join(into, `${index}-from-${parent}`);
          mkdirSync(folder);
          const snapshot = snapshots[index!]!;
          const stream = this.stream(snapshot, { ...route.options, parent: snapshots[parent!] });
          this.#receive(stream, folder, route.isOurs);
          const carriesFlags = route.isOurs && route.options.protocol === 2;
          const differences = compareTrees(join(this.source.dir, snapshot), join(folder, 'snap'), {
            except: carriesFlags ? except : ['flags', ...except],
            also: ['atime'],
          });
          const text = showDifferences(differences);
          expect(text, `${route.name}: step ${index} from ${parent}`).toEqual([]);
        }
        this.#clear(into);
      }
    });
  }

  /** Runs the steps; the snapshots' paths from the top of the source. */
  play(steps: readonly Step[]): string[] {
    const top = `t${this.#count++}`;
    const dir = join(this.source.dir, top, 'work');
    mkdirSync(join(this.source.dir, top));
    run('btrfs', ['-q', 'subvolume', 'create', dir]);
    return steps.map((step, i) => {
      step(dir, this.source);
      const snapshot = join(top, `${i}`, 'snap');
      mkdirSync(join(this.source.dir, top, `${i}`));
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', dir, join(this.source.dir, snapshot)]);
      return snapshot;
    });
  }

  stream(
    snapshot: string,
    options: Omit<StreamOptions, 'parent'> & { parent?: string | undefined },
  ): Buffer {
    this.source.sync();
    const volume = openVolume(this.source.devices);
    try {
      const { parent, ...rest } = options;
      return encode(volume, snapshot, { ...rest, ...(parent !== undefined && { parent }) });
    } finally {
      volume.close();
    }
  }

  /** Else the next route would find these as its parents. */
  #clear(into: string): void {
    const received = readdirSync(into).map((folder) => join(into, folder, 'snap'));
    run('btrfs', ['-q', 'subvolume', 'delete', ...received]);
  }

  #receive(stream: Buffer, folder: string, isOurs: boolean): void {
    if (isOurs) receive({ source: bytesSource(stream), target: folder });
    else run('btrfs', ['-q', 'receive', folder], { input: stream });
  }
}
