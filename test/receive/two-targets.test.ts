// How far a receive had come was kept by the filesystem and the inode number of the target: all
// subvolumes have the same one. The receive into one of them went on where another had stopped.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { receive } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { changesOfReceive } from './kill-receive.ts';
import { fullStream, text } from './receive-harness.ts';

const NAME = 'kept';
const contents = Array.from({ length: 30 }, (_, i) => `content ${i}`);

describeKernel('the same stream into two subvolumes of one filesystem, killed in both', () => {
  test.each([
    ['first', 30, 60],
    ['first', 30, 59],
    ['first', 60, 30],
    ['second', 30, 60],
    ['second', 60, 30],
  ] as const)(
    'the %s goes on at its own place: killed at %i and %i',
    async (which, firstAt, secondAt) => {
      const stream = fullStream(NAME, (e) => {
        contents.forEach((content, i) => {
          e.mkfile(text(`file ${i}`), 257 + i);
          e.write(text(`file ${i}`), 0, text(content));
        });
      });
      await withBtrfs({ sizeMiB: 512 }, ({ dir }) => {
        const file = `${dir}/stream`;
        writeFileSync(file, stream);
        const targets = ['first', 'second'].map((name) => `${dir}/${name}`);
        targets.forEach((target, i) => {
          run('btrfs', ['subvolume', 'create', target]);
          const job = { stream: file, isPlain: false, target, killAt: [firstAt, secondAt][i]! };
          expect(changesOfReceive(job)).toBeUndefined();
        });
        const target = `${dir}/${which}`;
        const { snapshots } = receive({ source: bytesSource(stream), target });
        expect(snapshots[0]!.resumedAt).toBeGreaterThan(0);
        const made = `${target}/${NAME}`;
        expect(readdirSync(made).length).toBe(contents.length);
        contents.forEach((content, i) => {
          expect(readFileSync(`${made}/file ${i}`, 'utf8')).toBe(content);
        });
      });
    },
  );
});
