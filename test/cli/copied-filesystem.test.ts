import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { dendro } from './dendro.ts';

/** Linux 6.7 and newer mount a copy beside the original, under an fsid of its own making. */
const mountsCopies = existsSync('/sys/fs/btrfs/features/temp_fsid');

describeKernel('a filesystem and its copy by dd, changed since', () => {
  let original: TestBtrfs;
  let copy: TestBtrfs;

  beforeAll(() => {
    original = makeBtrfs();
    copy = makeBtrfs({ mount: false });
    run('btrfs', ['subvolume', 'create', join(original.dir, 'work')]);
    snapshot(original, 'common', 'common');
    original.unmount();
    copyFileSync(original.images[0]!, copy.images[0]!);
    // the two snapshots get the same id
    change(original, 'of the original');
    change(copy, 'of the copy');
  });

  afterAll(() => {
    copy.close();
    original.close();
  });

  const change = (fs: TestBtrfs, content: string): void => {
    fs.mount();
    snapshot(fs, 'later', content);
    fs.unmount();
  };
  const snapshot = ({ dir }: TestBtrfs, name: string, content: string): void => {
    writeFileSync(join(dir, 'work/file'), content);
    run('btrfs', ['subvolume', 'snapshot', '-r', join(dir, 'work'), join(dir, name)]);
  };
  const at = (fs: TestBtrfs, name: string): string => `${fs.images[0]!}:/${name}`;

  it('are two, though both have one fsid', () => {
    for (const args of [
      ['send', '-p', at(original, 'later'), at(copy, 'later')],
      ['send', '-c', at(original, 'later'), at(copy, 'later')],
      ['send', at(original, 'later'), at(copy, 'later')],
      ['estimate', at(copy, 'later'), at(original, 'later')],
      ['changed-since', at(original, 'later'), at(copy, 'later')],
    ]) {
      const { status, stderr } = dendro(args);
      expect(stderr).toContain('different-volumes');
      expect(status).not.toBe(0);
    }
  });

  it('the image and the device that it lies on are one', () => {
    const [parent, child] = ['common', 'later'] as const;
    const device = `${copy.device}:/${child}`;
    const plain = dendro(['send', '-p', at(copy, parent), at(copy, child)]);
    const mixed = dendro(['send', '-p', at(copy, parent), device]);
    expect(plain.status).toBe(0);
    expect(mixed.status).toBe(0);
    expect(Buffer.from(mixed.stdout).equals(Buffer.from(plain.stdout))).toBe(true);
  });

  it('a restore from one onto the other has the content of its source', () => {
    original.mount();
    if (mountsCopies) copy.mount();
    const restores = [
      [copy, 'later/file', original],
      // the subvolume that both go on with has one uuid, too
      [copy, 'work/file', original],
      [original, 'work/file', copy],
      [copy, 'work/file', copy],
    ] as const;
    try {
      for (const [from, path, to] of restores.filter(([, , { isMounted }]) => isMounted)) {
        const target = join(to.dir, 'restored');
        mkdirSync(target);
        const { status, stderr } = dendro(['restore', `${from.device}:/${path}`, target]);
        expect(stderr).toBe('');
        expect(status).toBe(0);
        const content = readFileSync(join(target, 'file'), 'utf8');
        expect(content).toBe(from === copy ? 'of the copy' : 'of the original');
        rmSync(target, { recursive: true });
      }
    } finally {
      copy.unmount();
      original.unmount();
    }
  });
});
