import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExportInput } from '../../main/archive/export/export-summary.ts';
import type { Secrets } from '../../main/archive/folder/keys.ts';
import { makeBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { exportSnapshot } from './archive-harness.ts';
import type { Subject } from './hostile-campaign.ts';

const POINTS = 3;
const FILES = 8;

/**
 * Small archives of the same snapshots in this folder: plain, encrypted to a recipient, and in
 * small parts under a passphrase.
 */
export async function makeSubjects(folder: string): Promise<Subject[]> {
  const source = makeBtrfs({ sizeMiB: 256 });
  try {
    const live = join(source.dir, 'live');
    run('btrfs', ['-q', 'subvolume', 'create', live]);
    const key = join(folder, 'key.txt');
    run('age-keygen', ['-o', key]);
    const identity = readFileSync(key, 'utf8');
    const recipient = /public key: (age1\w+)/.exec(identity)![1]!;
    const random = new Random(1);
    const kinds: readonly [string, Partial<ExportInput>, Secrets][] = [
      ['plain', {}, {}],
      ['sealed', { encryption: { recipients: [recipient] } }, { identities: [identity] }],
      [
        'parts',
        { encryption: { passphrase: 'secret', workFactor: 1 }, partBytes: 16 << 10 },
        { passphrase: 'secret' },
      ],
    ];
    const truth = new Map<string, ReadonlyMap<string, Buffer>>();
    const snapshots: string[] = [];
    for (let i = 0; i <= POINTS; i += 1) {
      edit(live, i, random);
      const snapshot = join(source.dir, `snap.${i}`);
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', live, snapshot]);
      snapshots.push(snapshot);
      truth.set(`snap.${i}`, filesOf(snapshot));
      if (i === POINTS) continue;
      for (const [name, more] of kinds) await exportSnapshot(snapshot, join(folder, name), more);
    }
    const next = join(folder, 'live', `snap.${POINTS}.btrfs`);
    mkdirSync(join(folder, 'live'));
    const [below, last] = snapshots.slice(-2);
    run('btrfs', ['-q', 'send', '-p', below!, '-f', next, last!]);
    const all = [...truth];
    return kinds.map(([name, , secrets]) => ({
      ...{ name, folder: join(folder, name), secrets },
      truth: new Map(all.slice(0, POINTS)),
      next: { file: next, truth: new Map(all.slice(POINTS)) },
    }));
  } finally {
    source.close();
  }
}

/** By path. */
function filesOf(folder: string): Map<string, Buffer> {
  const paths = readdirSync(folder, { recursive: true }).map(String);
  const files = paths.filter((path) => lstatSync(join(folder, path)).isFile());
  return new Map(files.map((path) => [path, readFileSync(join(folder, path))]));
}

/** Makes, changes, clones, renames and removes. */
function edit(live: string, round: number, random: Random): void {
  const at = (name: string): string => join(live, name);
  for (let i = 0; i < FILES; i += 1) {
    if (random.chance(0.6)) writeFileSync(at(`file-${i}`), random.bytes(random.between(1, 20_000)));
  }
  mkdirSync(at(`folder-${round}/below`), { recursive: true });
  run('cp', ['--reflink=always', at('file-1'), at(`folder-${round}/clone`)], { accept: [0, 1] });
  run('ln', ['-sf', 'file-1', at('link')]);
  run('setfattr', ['-n', 'user.round', '-v', `${round}`, live], { accept: [0, 127] });
  if (round > 0) run('mv', [at(`folder-${round - 1}`), at(`folder-${round}/moved`)]);
  if (round === 2) rmSync(at('file-3'), { force: true });
  if (round > 0) {
    const grown = random.bytes(4096);
    writeFileSync(at('file-2'), Buffer.concat([grown, grown]));
  } else writeFileSync(at('file-1'), random.bytes(9000));
}
