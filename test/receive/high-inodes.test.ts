// Inode numbers beyond 2^53, as overlayfs and network filesystems have them, were rounded: files
// that have several names each were taken for one file, and all but the first were lost.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { textFromBytes } from '../../shared/model/bytes-text.ts';
import { CancelToken } from '../../main/engine/cancel.ts';
import { openPlace } from '../../main/places/open-place.ts';
import type { PlacedNode } from '../../main/places/node.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { FOREIGN, mountForeign, sendBack } from './foreign-filesystem.ts';
import { fullStream, text } from './receive-harness.ts';

const ext4 = FOREIGN.find(({ name }) => name === 'ext4')!;
const FILES = ['a', 'b', 'c'];

/** A received folder, below an overlay that tells inodes apart in the highest bits. */
function overlaid(): string {
  const lower = mountForeign(ext4);
  const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  run('mount', ['-t', 'tmpfs', 'tmpfs', folder]);
  const dirs = ['up', 'work', 'mnt'].map((name) => join(folder, name));
  for (const dir of dirs) mkdirSync(dir);
  const [up, work, mnt] = dirs as [string, string, string];
  const stream = fullStream('kept', (e) => {
    FILES.forEach((name, i) => {
      e.mkfile(text(name), 257 + i);
      e.write(text(name), 0, text(`content of ${name}`));
      e.link(text(`${name} again`), text(name));
    });
  });
  receiveFolder({ source: bytesSource(stream), target: lower.dir });
  const options = `xino=on,lowerdir=${lower.dir},upperdir=${up},workdir=${work}`;
  run('mount', ['-t', 'overlay', '-o', options, 'overlay', mnt]);
  onTestFinished(() => {
    run('umount', [mnt]);
    run('umount', [folder]);
    rmSync(folder, { recursive: true });
    lower.close();
  });
  const numbers = FILES.map((name) => statSync(`${mnt}/kept/${name}`, { bigint: true }).ino);
  expect(new Set(numbers).size).toBe(FILES.length);
  expect(new Set(numbers.map(Number)).size).toBe(1);
  return `${mnt}/kept`;
}

describeKernel('a folder whose inode numbers are beyond 2^53', () => {
  test('is sent back as it is', () =>
    withBtrfs({ sizeMiB: 512 }, ({ dir }) => {
      sendBack(overlaid(), `${dir}/back`);
      for (const name of FILES) {
        const [one, again] = [name, `${name} again`].map((one) => `${dir}/back/kept/${one}`);
        expect(readFileSync(one!, 'utf8')).toBe(`content of ${name}`);
        expect(statSync(again!).ino).toBe(statSync(one!).ino);
      }
    }));

  test('has as many files as there are, for what is restored out of it', async () => {
    const folder = textFromBytes(Buffer.from(overlaid()));
    const tree = await openPlace({ kind: 'folder', folder }, new CancelToken());
    try {
      const identities = new Map<string, unknown>();
      for (const [name, node] of (tree.top as PlacedNode).children()) {
        identities.set(name, node.identity);
      }
      for (const name of FILES) expect(identities.get(name)).toBe(identities.get(`${name} again`));
      expect(new Set(identities.values()).size).toBe(FILES.length);
    } finally {
      tree.close();
    }
  });
});
