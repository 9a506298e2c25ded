import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { receiveBytes } from '../receive/receive-harness.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { dendro } from '../harness/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, unmountFolder, withBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

describeKernel('a filesystem that the kernel made read-only after an error', () => {
  // It was asked to commit first, which fails from then on (EROFS): nothing could be read, where
  // the kernel's own send fails, too, and a backup is needed most.
  test('is read as it was committed last', async () => {
    await withFullDrive(async (source, fill) => {
      const work = join(source.dir, 'work');
      run('btrfs', ['-q', 'subvolume', 'create', work]);
      fs.writeFileSync(join(work, 'file'), 'one');
      run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', work, join(source.dir, 'snap')]);
      source.sync();
      fill();
      fs.mkdirSync(join(work, 'lost'));
      run('btrfs', ['filesystem', 'sync', source.dir], { accept: [1] });
      expect(() => fs.mkdirSync(join(source.dir, 'more'))).toThrow('EROFS');

      const snapshot = join(source.dir, 'snap');
      expect(run(dendro, ['ls', snapshot]).stdout.toString()).toBe('file\n');
      const { stdout: stream } = run(dendro, ['send', '-q', snapshot]);
      await withBtrfs({ sizeMiB: 256 }, ({ dir }) => {
        receiveBytes(stream, dir);
        expect(showDifferences(compareTrees(snapshot, join(dir, 'snap')))).toEqual([]);
      });
    });
  });
});

/** A filesystem on a drive that takes no more writes once `fill` was called. */
async function withFullDrive(
  body: (source: TestBtrfs, fill: () => void) => Promise<void>,
): Promise<void> {
  const outer = process.env.TMPDIR;
  const drive = fs.mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-drive-`));
  run('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', drive]);
  let source: TestBtrfs | undefined;
  try {
    process.env.TMPDIR = drive;
    source = makeBtrfs();
    if (outer === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = outer;
    await body(source, () => {
      run('dd', ['if=/dev/zero', `of=${join(drive, 'full')}`, 'bs=64K'], { accept: [1] });
    });
  } finally {
    fs.rmSync(join(drive, 'full'), { force: true });
    source?.close();
    unmountFolder(drive);
    fs.rmdirSync(drive);
  }
}
