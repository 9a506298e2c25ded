import { lstatSync } from 'node:fs';
import { expect, test } from 'vitest';
import { INODE_FLAG } from '../../main/engine/format/constants.ts';
import type { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { dendro } from '../harness/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import {
  errorOf,
  fullStream,
  receiveBytes,
  streamOf,
  takeSnapshot,
  text,
  UUID,
} from './receive-harness.ts';

const LEVELS = 20;
const LINKS = 300;

/** Runs it below so many folders, step by step: a shell wants to know where it is. */
function below(folder: string, levels: number, ...command: string[]): string {
  const script = `
    const [folder, levels, command, ...args] = process.argv.slice(1);
    process.chdir(folder);
    for (let level = 0; level < Number(levels); level += 1) {
      const name = 'd'.repeat(250);
      fs.mkdirSync(name, { recursive: true });
      process.chdir(name);
    }
    child_process.execFileSync(command, args, { stdio: 'inherit' });`;
  return runText(process.execPath, ['-e', script, '--', folder, String(levels), ...command]);
}

function flagsIn(listed: string): string[] {
  return listed.split('\n').map((line) => line.slice(0, 6));
}

describeKernel('flags that are set at the end', () => {
  // The whole receive ended with ENAMETOOLONG.
  test('of a file below folders whose path is longer than a system call takes', () =>
    withBtrfs({}, (source) =>
      withBtrfs({}, (target) => {
        run('btrfs', ['-q', 'subvolume', 'create', `${source.dir}/live`]);
        below(`${source.dir}/live`, LEVELS, 'touch', 'file');
        below(`${source.dir}/live`, LEVELS, 'chattr', '+i', 'file', '.');
        takeSnapshot(`${source.dir}/live`, `${source.dir}/deep`);
        const { stdout } = run(dendro, ['send', '-q', '--proto', '2', `${source.dir}/deep`]);
        const { snapshots } = receiveBytes(stdout, target.dir);
        expect(snapshots[0]!.losses).toEqual([]);
        const seen = below(`${target.dir}/deep`, LEVELS, 'lsattr', '-d', '.', 'file');
        expect(flagsIn(seen)).toEqual(['----i-', '----i-']);
      }),
    ));

  // The kernel's way from an inode to its name looks at those names alone that came first.
  test('of a file that has lost the names that it had first', () =>
    withBtrfs({}, ({ dir }) => {
      const nameOf = (i: number): Buffer => text(`${i}`.padStart(250, 'x'));
      const stream = fullStream(
        'links',
        (e) => {
          e.mkfile(nameOf(0), 257);
          for (let i = 1; i < LINKS; i += 1) e.link(nameOf(i), nameOf(0));
          for (let i = 0; i < LINKS / 2; i += 1) e.unlink(nameOf(i));
          e.fileattr(nameOf(LINKS - 1), INODE_FLAG.immutable);
        },
        2,
      );
      const { snapshots } = receiveBytes(stream, dir);
      expect(snapshots[0]!.losses).toEqual([]);
      const seen = runText('lsattr', ['-d', `${dir}/links/${nameOf(LINKS - 1).toString()}`]);
      expect(flagsIn(seen)).toEqual(['----i-']);
    }));

  // After a power cut the kernel gives out numbers anew: what came into the place of a file that
  // was removed before could not be changed, and a pipe there was waited for without end.
  test('are not those of a file that an earlier run removed', () =>
    withBtrfs({}, (target) => {
      const base = (e: StreamEncoder): void => {
        e.mkfile(text('kept'), 257);
        e.mkfile(text('sealed'), 258);
        e.fileattr(text('sealed'), INODE_FLAG.immutable);
      };
      const changes: ((e: StreamEncoder) => void)[] = [
        (e) => e.unlink(text('sealed')),
        (e) => e.mkfile(text('fresh'), 259),
        (e) => e.chmod(text('kept'), 0o600),
        (e) => e.end(),
      ];
      receiveBytes(fullStream('base', base, 2), target.dir);
      const sealed = lstatSync(`${target.dir}/base/sealed`).ino;
      for (let count = 1; count <= changes.length; count += 1) {
        const increment = streamOf((e) => {
          e.snapshot(text('next'), Buffer.alloc(16, 9), 8, UUID, 7);
          for (const change of changes.slice(0, count)) change(e);
        });
        errorOf(() => receiveBytes(increment, target.dir));
        target.remount();
      }
      expect(lstatSync(`${target.dir}/next/fresh`).ino).toBe(sealed);
      expect(flagsIn(runText('lsattr', ['-a', `${target.dir}/next`]))).not.toContain('----i-');
    }));
});
