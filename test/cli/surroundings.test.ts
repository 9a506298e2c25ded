import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { historyPath } from '../../main/service/state-path.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, type RunResult } from '../harness/run.ts';
import { fullStream, text } from '../receive/receive-harness.ts';
import { btrfs, ENTRY } from './dendro.ts';

/** Nobody's, as far as this computer knows. */
const GROUP = 4321;

// It was a defect in Dendro, or a path that could not be made real.
test('where the current folder was removed, that is said', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dendro-gone-'));
  const [gone, archive] = [join(folder, 'gone'), join(folder, 'archive')];
  mkdirSync(archive);
  const env = { DENDRO_STATE: folder, DENDRO_SOCKET: join(folder, 'none') };
  try {
    for (const words of [
      ['archive', 'verify', archive],
      ['ls', '.'],
    ]) {
      const line = 'mkdir "$1" && cd "$1" && rmdir "$1" && shift && exec "$@"';
      const command = ['-c', line, 'sh', gone, process.execPath, ENTRY, ...words];
      const { status, stderr } = run('sh', command, { env, accept: [6] });
      expect([words[0], status, stderr]).toEqual([
        words[0],
        6,
        expect.stringContaining('The current folder is not there any more.'),
      ]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a state folder that is not absolute is left aside', () => {
  expect(historyPath({ XDG_STATE_HOME: 'state', HOME: '/home/anna' }, false)).toBe(
    '/home/anna/.local/state/dendro/history.sqlite',
  );
  expect(historyPath({ XDG_STATE_HOME: '/state', HOME: '/home/anna' }, false)).toBe(
    '/state/dendro/history.sqlite',
  );
});

describeKernel('a receive where the surroundings lack something', () => {
  let volume: TestBtrfs;
  beforeAll(() => {
    volume = makeBtrfs({ sizeMiB: 256 });
  });
  afterAll(() => volume.close());

  const stream = fullStream('new', (e) => {
    e.mkdir(text('shared'), 1);
    e.chown(text('shared'), 0, GROUP);
    e.chmod(text('shared'), 0o2775);
    e.mkfile(text('file'), 2);
  });
  const received = (input: Uint8Array, within: readonly string[]): RunResult => {
    const [program, ...args] = [...within, process.execPath, ENTRY, 'receive', volume.dir];
    return run(program!, args, { input, accept: [0, 1] });
  };
  const without = (capability: string): string[] => [
    ...['setpriv', `--bounding-set=-${capability}`, `--inh-caps=-${capability}`],
  ];

  // The kernel leaves the bit away without a word, and all seemed well.
  test('set-group-id that was not kept is told', () => {
    expect(received(stream, without('fsetid'))).toMatchObject({
      status: 0,
      stderr: 'At subvol new\nnot kept: shared: its mode\n',
    });
    btrfs(['subvolume', 'delete', join(volume.dir, 'new')]);
    expect(received(stream, [])).toMatchObject({ status: 0, stderr: 'At subvol new\n' });
    btrfs(['subvolume', 'delete', join(volume.dir, 'new')]);
  });

  // What could not be cleaned up was told, and why it had to be was not.
  test('the error that ended it is told, not that what it made could not be deleted', () => {
    const refused = fullStream('new', (e) => {
      e.mkfile(text('file'), 1);
      e.setXattr(text('file'), text('trusted.one'), text('1'));
    });
    const { status, stderr } = received(refused, without('sys_admin'));
    expect([status, stderr]).toEqual([1, expect.stringContaining('trusted.one')]);
    expect(received(stream, []).status).toBe(0);
    btrfs(['subvolume', 'delete', join(volume.dir, 'new')]);
  });

  // "The stream does not fit what it builds on", it said in a chroot without /proc.
  test('without /proc it says what to mount', () => {
    const hidden = ['unshare', '--mount', 'sh', '-c', 'umount -l /proc && exec "$@"', 'sh'];
    const { status, stderr } = received(stream, hidden);
    expect(status).toBe(1);
    expect(stderr).toContain('/proc is not mounted here. In a chroot: mount --rbind /proc');
  });
});
