import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { exportSnapshot } from './archive-harness.ts';
import type { Subject } from './hostile-campaign.ts';

const POINTS = 3;
const FILES = 8;

/** Two small archives of the same snapshots in this folder: plain, and encrypted to a recipient. */
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
    const [plain, sealed] = [join(folder, 'plain'), join(folder, 'sealed')];
    for (let i = 0; i < POINTS; i += 1) {
      edit(live, i, random);
      const snapshot = join(source.dir, `snap.${i}`);
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', live, snapshot]);
      await exportSnapshot(snapshot, plain);
      await exportSnapshot(snapshot, sealed, { encryption: { recipients: [recipient] } });
    }
    const files = new Map(
      readdirSync(live)
        .filter((name) => name.startsWith('file-'))
        .map((name) => [name, readFileSync(join(live, name))]),
    );
    const point = `snap.${POINTS - 1}`;
    return [
      { name: 'plain', folder: plain, secrets: {}, point, files },
      { name: 'sealed', folder: sealed, secrets: { identities: [identity] }, point, files },
    ];
  } finally {
    source.close();
  }
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
