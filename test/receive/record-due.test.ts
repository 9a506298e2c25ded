import { spawnSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Proof } from '../../main/engine/proof/compare-snapshots.ts';
import { dendro } from '../harness/dendro.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel, onPath } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import type { SendKillJob } from './kill-send-child.ts';
import { takeSnapshot } from './receive-harness.ts';

/** Between the last command and the end. */
const LAST_CHANGES = 24;
const CHILD = join(import.meta.dirname, 'kill-send-child.ts');
const ENV = { NODE_COMPILE_CACHE: join(tmpdir(), 'dendro-kills-compiled') };

// Killed between the snapshot's place and its record it had none for good: it was there already.
describeKernel('the record of a snapshot whose sender was killed', () => {
  let source: TestBtrfs;
  let target: TestBtrfs;
  const at = (name: string): string => `${source.dir}/${name}`;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 512 });
    target = makeBtrfs({ sizeMiB: 1024 });
    run('btrfs', ['subvolume', 'create', at('live')]);
    fillTree(at('live'), { files: 10 });
    takeSnapshot(at('live'), at('one'));
    appendFileSync(at('live/added'), 'x'.repeat(100_000));
    takeSnapshot(at('live'), at('two'));
    appendFileSync(at('live/added'), 'y');
    takeSnapshot(at('live'), at('three'));
    source.sync();
  });
  afterAll(() => {
    source?.close();
    target?.close();
  });

  const idOf = (name: string): number =>
    Number(runText('btrfs', ['inspect-internal', 'rootid', at(name)]));

  /** How many changes it made; undefined when it was killed. */
  function changesOfSend(job: Omit<SendKillJob, 'device' | 'dir'>): number | undefined {
    const all: SendKillJob = { ...job, device: source.device, dir: source.dir };
    const { status, signal, stdout, stderr } = spawnSync(
      process.execPath,
      [CHILD, JSON.stringify(all)],
      { encoding: 'utf8', env: { ...process.env, ...ENV } },
    );
    if (signal === 'SIGKILL') return undefined;
    if (status !== 0) throw new Error(`a send, to be killed at ${job.killAt}: ${stderr}`);
    return Number(stdout.trim().split('\n').at(-1));
  }

  function place(name: string): string {
    mkdirSync(`${target.dir}/${name}`);
    return `${target.dir}/${name}`;
  }

  const kept = (folder: string, name: string): Proof =>
    JSON.parse(runText(dendro, ['verify', '--json', '--kept', `${folder}/${name}`])) as Proof;
  /** Marks beside which no record is. */
  function dueIn(folder: string): string[] {
    const names = readdirSync(`${folder}/.dendro-records`);
    const isDue = (name: string): boolean => !names.includes(name.replace('.due', '.jsonl.zst'));
    return names.filter((name) => name.endsWith('.due') && isDue(name));
  }

  test('sent once more it has one, wherever that was', () => {
    const job = { by: 'send' as const, snapshotId: idOf('two'), parentId: idOf('one') };
    const begun = (name: string): string => {
      const folder = place(name);
      run(dendro, ['send', '-q', '--to', folder, at('one')]);
      return folder;
    };
    const changes = changesOfSend({ ...job, folder: begun('calm'), killAt: 0 })!;
    let told = 0;
    for (let killAt = changes - LAST_CHANGES; killAt <= changes; killAt += 2) {
      const folder = begun(`send-${killAt}`);
      expect(changesOfSend({ ...job, folder, killAt })).toBeUndefined();
      const isPlaced = readdirSync(folder).includes('two');
      if (isPlaced && dueIn(folder).length === 0) {
        expect([killAt, kept(folder, 'two')]).toMatchObject([killAt, { isSame: true }]);
      } else if (isPlaced) {
        const open = run(dendro, ['verify', '--kept', `${folder}/two`], { accept: [0, 6] });
        const listed = run(dendro, ['leftovers', folder], { accept: [0, 1] }).stdout.toString();
        if (open.status === 6) {
          told += 1;
          expect(open.stderr).toContain('record-due');
          expect(listed).toContain('two');
        }
      }
      run(dendro, ['send', '-q', '--to', folder, '-p', at('one'), at('two')]);
      expect([killAt, kept(folder, 'two')]).toMatchObject([
        killAt,
        { isSame: true, filesOpen: 0, filesByChecksums: 0 },
      ]);
      expect([killAt, dueIn(folder)]).toEqual([killAt, []]);
      expect(readdirSync(folder).sort()).toEqual(['.dendro-records', 'one', 'two']);
      expect(run(dendro, ['leftovers', folder], { accept: [1] }).stdout.toString()).toContain('No');
    }
    expect(told).toBeGreaterThan(1);
  });

  test('the next one brings it, which needs its hashes; as the service sends', () => {
    const job = { by: 'transfer' as const, snapshotId: idOf('one'), parentId: null };
    const changes = changesOfSend({ ...job, folder: place('calm-full'), killAt: 0 })!;
    for (let killAt = changes - 14; killAt <= changes; killAt += 3) {
      const folder = place(`transfer-${killAt}`);
      expect(changesOfSend({ ...job, folder, killAt })).toBeUndefined();
      if (!readdirSync(folder).includes('one')) continue;
      const upon = { ...job, snapshotId: idOf('two'), parentId: idOf('one') };
      expect(changesOfSend({ ...upon, folder, killAt: 0 })).toBeGreaterThan(0);
      for (const name of ['one', 'two']) {
        const proof = kept(folder, name);
        expect([killAt, name, proof]).toMatchObject([killAt, name, { isSame: true, filesOpen: 0 }]);
      }
    }
  });

  test('where the source is gone, that it has none is told, until somebody clears it', () => {
    run('btrfs', ['subvolume', 'snapshot', '-r', at('live'), at('passing')]);
    const job = { by: 'send' as const, snapshotId: idOf('passing'), parentId: null };
    const changes = changesOfSend({ ...job, folder: place('calm-gone'), killAt: 0 })!;
    let folder = '';
    // The last changes are those of its record, and what is looked up behind it.
    for (let back = 3; folder === '' || dueIn(folder).length === 0; back += 1) {
      folder = place(`gone-${back}`);
      expect(changesOfSend({ ...job, folder, killAt: changes - back })).toBeUndefined();
    }
    run('btrfs', ['subvolume', 'delete', '-C', at('passing')]);
    run(dendro, ['send', '-q', '--to', folder, at('one')]);
    expect(run(dendro, ['leftovers', folder]).stdout.toString()).toMatch(/record .*passing/);
    const rows = JSON.parse(runText(dendro, ['leftovers', '--json', folder])) as unknown[];
    expect(rows).toMatchObject([{ name: 'passing', isComplete: true, recordDue: true }]);
    run(dendro, ['leftovers', '--clean', folder]);
    expect(run(dendro, ['leftovers', folder], { accept: [1] }).status).toBe(1);
    const missing = run(dendro, ['verify', '--kept', `${folder}/passing`], { accept: [6] });
    expect(missing.stderr).toContain('record-missing');
    expect(kept(folder, 'one')).toMatchObject({ isSame: true, filesOpen: 0 });
  });

  // They wrote into one file first, and one took the other's away.
  test.skipIf(!onPath('strace'))('several that end at the same time', () => {
    const folder = place('at-once');
    const slow = 'strace -f -qq -o /dev/null -e trace=fsync -e inject=fsync:delay_enter=1500000';
    const script = `for n in one two three; do ${slow} "$1" send -q --to "$2" "$3/$n" & done; wait`;
    run('bash', ['-c', script, 'x', dendro, folder, source.dir]);
    for (const name of ['one', 'two', 'three']) {
      expect(kept(folder, name)).toMatchObject({ isSame: true, filesOpen: 0 });
    }
  });
});
