import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { dendro } from '../harness/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';

/** Less than the pieces in which a file is restored that is too large as one. */
const MOST_KIB = 900;

// It ended with 0, as if all of it had come back.
describeKernel('a restore onto what cannot take a file of that size', () => {
  let fs: TestBtrfs;
  let folder: string;
  beforeAll(() => {
    fs = makeBtrfs({ sizeMiB: 256 });
    folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
    run('btrfs', ['-q', 'subvolume', 'create', `${fs.dir}/work`]);
    for (const name of ['some', 'all']) {
      mkdirSync(`${fs.dir}/work/${name}`);
      writeFileSync(`${fs.dir}/work/${name}/small`, 'small');
    }
    writeFileSync(`${fs.dir}/work/some/large`, Buffer.alloc(3 << 20, 'large'));
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', `${fs.dir}/work`, `${fs.dir}/snap`]);
  });
  afterAll(() => {
    fs?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  test('says so in its exit code, and brings the others', () => {
    const restored = (name: string): { status: number; stderr: string } => {
      const script = `trap '' XFSZ; ulimit -f ${MOST_KIB}; exec "$@"`;
      const words = ['-c', script, 'x', dendro, 'restore', `${fs.dir}/snap/${name}`, folder];
      const { status, stderr } = run('bash', words, { accept: [0, 1] });
      return { status: status!, stderr };
    };
    const some = restored('some');
    expect(some).toMatchObject({ status: 1, stderr: expect.stringContaining('not restored') });
    expect(readFileSync(join(folder, 'some/small'), 'utf8')).toBe('small');
    expect(restored('all')).toMatchObject({ status: 0 });
  });
});
