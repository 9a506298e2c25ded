import { existsSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { compareTrees } from '../harness/compare.ts';
import { fillTree } from '../harness/fill.ts';
import type { Argv } from '../harness/pipeline.ts';
import { RandomTree } from '../harness/random-tree.ts';
import { run } from '../harness/run.ts';
import { walkTree } from '../harness/walk.ts';
import { dendro } from '../harness/dendro.ts';
import { runDendro, stopChildrenOnSignals } from './dendro.ts';
import { closeDisks, keepDisks, makeDisks, type Disks } from './disks.ts';
import { openPage } from './page.ts';
import { streamBytes, timeTransfer } from './race.ts';
import { DemoFailed, expectSame, megabytes, say, showTable, step, type Cells } from './say.ts';

export interface DiskDemo {
  readonly keep: boolean;
  /** Ordinary files, besides those of every kind. */
  readonly files: number;
}

/** The whole job on disks made for it, with the stock tools doing the same beside it. */
export async function demoOnDisks({ keep, files }: DiskDemo): Promise<void> {
  stopChildrenOnSignals();
  const disks = await step('Make a laptop disk and backup drives on loop devices', () =>
    makeDisks(2048),
  );
  try {
    const home = join(disks.laptop.dir, 'home');
    await step(`Fill the laptop with files of every kind, ${files} of them ordinary`, () => {
      run('btrfs', ['subvolume', 'create', home]);
      run('mkdir', [join(disks.laptop.dir, 'snapshots')]);
      fillTree(home, { files });
    });
    const rows = [await transfer(disks, 'home.1')];
    await step('Change things: write, rename, swap, link, delete, make anew', () =>
      new RandomTree(join(home, 'tree'), 1).edit(400),
    );
    rows.push(await transfer(disks, 'home.2', 'home.1'));
    await restoreOne(disks, home);
    say('');
    say(
      showTable([
        [
          'what',
          'files',
          'stream',
          'dendro',
          'btrfs stream',
          'send | receive',
          'times as fast',
          'unlike its source there',
        ],
        ...rows,
      ] as [Cells, ...Cells[]]),
    );
    say('Cold caches, each until all is on disk; one run each, so take it as a hint.');
    if (!keep) return;
    keepDisks(disks);
    await openPage();
  } finally {
    if (!keep) closeDisks(disks);
  }
}

const compared = { also: ['atime'], limit: 10_000 } as const;

/** Snapshot, send, receive, compare; the row for the table. */
async function transfer(disks: Disks, name: string, parent?: string): Promise<Cells> {
  const { laptop, drive, stock } = disks;
  const at = (snapshot: string) => join(laptop.dir, 'snapshots', snapshot);
  await step(`Snapshot ${name}`, () =>
    runDendro('snapshots', 'create', join(laptop.dir, 'home'), at(name)),
  );
  const from = parent === undefined ? [] : ['-p', at(parent)];
  const what = parent === undefined ? 'full' : 'increment';
  const ours: Argv = [dendro, 'send', '-q', '--proto', '2', ...from, at(name)];
  const theirs: Argv = ['btrfs', 'send', '-q', '--proto', '2', ...from, at(name)];
  const seconds = await step(`Dendro: send ${name} (${what}) to the backup drive`, () =>
    timeTransfer(ours, [dendro, 'receive', '-q', drive.dir], drive),
  );
  const stockSeconds = await step('The same with btrfs send | btrfs receive', () =>
    timeTransfer(theirs, ['btrfs', 'receive', '-q', stock.dir], stock),
  );
  const differences = await step(`Compare ${name} with its source`, () =>
    compareTrees(at(name), join(drive.dir, name), compared),
  );
  expectSame('content, holes, mode, owner, xattrs, flags, times, links, devices', differences);
  const stockDifferences = compareTrees(at(name), join(stock.dir, name), compared);
  return [
    what,
    String(walkTree(at(name)).length),
    megabytes(await streamBytes(ours)),
    `${seconds.toFixed(2)} s`,
    megabytes(await streamBytes(theirs)),
    `${stockSeconds.toFixed(2)} s`,
    (stockSeconds / seconds).toFixed(1),
    String(stockDifferences.length),
  ];
}

async function restoreOne({ laptop, drive }: Disks, home: string): Promise<void> {
  const name = 'many';
  const lost = join(home, 'attributes', name);
  unlinkSync(lost);
  await step(`Delete attributes/${name} on the laptop and restore it from the drive`, () =>
    runDendro('restore', join(drive.dir, 'home.2', 'attributes', name), join(home, 'attributes')),
  );
  if (!existsSync(lost)) throw new DemoFailed(`${lost} was not restored`);
  const snapshot = join(laptop.dir, 'snapshots/home.2/attributes', name);
  expectSame('the restored file and the lost one', compareTrees(snapshot, lost));
}
