import { expect, test } from 'vitest';
import { INODE_FLAG } from '../../main/engine/format/constants.ts';
import { dendro } from '../harness/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import { fullStream, receiveBytes, text, takeSnapshot } from './receive-harness.ts';

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
});
