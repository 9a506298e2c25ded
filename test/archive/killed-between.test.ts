import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listArchive } from '../../main/archive/verbs/list-points.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import { dendro, ENTRY } from '../cli/dendro.ts';
import { describeKernel, onPath } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { context, wrongFiles } from './archive-harness.ts';

/** What changes names, as each step of an archive's writing ends with. */
const STEPS = 'rename,renameat,renameat2,unlink,unlinkat';
const MOST_STEPS = 80;
/** Each of them is tried by DENDRO_EACH_STEP=1, every eighth by `npm test`. */
const [FIRST, STRIDE] = process.env['DENDRO_EACH_STEP'] === '1' ? [1, 1] : [7, 8];

/**
 * Killed right before a step at which something gets or loses its name: what a random moment
 * seldom meets lies between two of them.
 */
describeKernel('an archive whose writer is killed between two steps', () => {
  describe.skipIf(!onPath('strace'))('by strace', () => {
    let source: TestBtrfs;
    const snapshot = (i: number): string => `${source.dir}/snap.${i}`;
    const stream = (i: number): string => `${source.dir}/${i}.btrfs`;
    beforeAll(() => {
      source = makeBtrfs({ sizeMiB: 512 });
      run('btrfs', ['-q', 'subvolume', 'create', `${source.dir}/live`]);
      for (let i = 0; i < 3; i += 1) {
        // Changed in part: its hash needs the chain.
        writeFileSync(`${source.dir}/live/changing`, `${i}`, { flag: 'a' });
        writeFileSync(`${source.dir}/live/file-${i}`, `${i} `.repeat(2_000));
        run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', `${source.dir}/live`, snapshot(i)]);
        const upon = i === 0 ? [] : ['-p', snapshot(i - 1)];
        run('btrfs', ['-q', 'send', ...upon, '-f', stream(i), snapshot(i)]);
      }
    });
    afterAll(() => source?.close());

    async function killAtSteps(
      before: string | undefined,
      command: (folder: string) => string[],
      names: readonly string[],
    ): Promise<void> {
      for (let step = FIRST; step < MOST_STEPS; step += STRIDE) {
        const folder = `${source.dir}/struck`;
        rmSync(folder, { recursive: true, force: true });
        if (before !== undefined) cpSync(before, folder, { recursive: true });
        const inject = `inject=${STEPS}:signal=KILL:when=${step}`;
        const traced = ['-f', '-qq', '-o', '/dev/null', '-e', `trace=${STEPS}`, '-e', inject];
        const args = [...traced, process.execPath, ENTRY, ...command(folder)];
        const { status, signal } = spawnSync('strace', args);
        if (status === 0) return;
        expect([step, status, signal]).toEqual([step, null, 'SIGKILL']);
        if (existsSync(`${folder}/manifest.json`)) await expectNothingWrong(folder, step);
        const again = dendro(command(folder));
        expect([step, again.stderr.toString(), again.status]).toMatchObject([step, '', 0]);
        const verdict = await verifyArchive({ folder, level: 'full' }, context());
        expect([step, verdict.problems, verdict.notes]).toEqual([step, [], []]);
        const points = listArchive({ folder }).sources.flatMap((one) => one.points);
        expect([step, points.map(({ name }) => name)]).toEqual([step, names]);
        for (const name of names) {
          expect(await wrongFiles(folder, name, `${source.dir}/${name}`)).toEqual([]);
        }
      }
      throw new Error('it has no end');
    }

    /** Of what is there; what a point builds on may not have come yet, an index not be whole. */
    async function expectNothingWrong(folder: string, step: number): Promise<void> {
      const { problems } = await verifyArchive({ folder, level: 'full' }, context());
      const wrong = problems.filter(
        ({ code, file }) =>
          !['parent-missing', 'chain-broken'].includes(code) && !file.includes('.partial-'),
      );
      expect([step, wrong]).toEqual([step, []]);
    }

    const base = (name: string, files: readonly number[]): string => {
      const folder = `${source.dir}/${name}`;
      mkdirSync(folder);
      const done = dendro(['archive', 'import', folder, ...files.map(stream), '--source', 'live']);
      expect(done.status).toBe(0);
      return folder;
    };
    const all = ['snap.0', 'snap.1', 'snap.2'];

    // The record said more than the manifest until a rebuild-index, and hashes were never filled in.
    test('import of increments before what they build on', async () => {
      const files = [2, 1, 0].map(stream);
      await killAtSteps(
        undefined,
        (folder) => ['archive', 'import', folder, ...files, '--source', 'live'],
        all,
      );
    });

    test('export of an increment', async () => {
      const before = base('for-export', [0, 1]);
      const command = (folder: string): string[] => ['archive', 'export', folder, snapshot(2)];
      await killAtSteps(before, command, all);
    });

    test('rebuild-index', async () => {
      const before = base('for-rebuild', [0, 1, 2]);
      const command = (folder: string): string[] => ['archive', 'rebuild-index', folder];
      await killAtSteps(before, command, all);
    });

    test('synthetic-full', async () => {
      const before = base('for-full', [0, 1, 2]);
      const command = (folder: string): string[] => ['archive', 'synthetic-full', folder, 'snap.1'];
      await killAtSteps(before, command, all);
    });

    test('prune', async () => {
      const before = base('for-prune', [0, 1, 2]);
      const command = (folder: string): string[] => ['archive', 'prune', folder, '--latest', '1'];
      await killAtSteps(before, command, ['snap.2']);
    });
  });
});
