import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { FOREIGN, missingTool, mountForeign, sendBack } from './foreign-filesystem.ts';
import { changesOfReceive } from './kill-receive.ts';
import { differences, fullStream, goingOn, receiveBytes, text } from './receive-harness.ts';

const exfat = FOREIGN.find(({ name }) => name === 'exfat')!;

// exfat-fuse makes a plain file of a pipe and then says no: killed before that was taken away
// again, the next run took it for the pipe.
describeKernel('pipes and sockets where there are none', () => {
  test.skipIf(missingTool(exfat))('killed before each change: comes back whole', async () => {
    const stream = fullStream('special', (e) => {
      e.mkfifo(text('pipe'), 1);
      e.mksock(text('socket'), 2);
      e.mknod(text('o3-7-0'), 3, 0o010644, 0);
      e.rename(text('o3-7-0'), text('second'));
      e.mkfile(text('file'), 4);
      for (const name of ['pipe', 'socket', 'second', 'file', '']) e.chmod(text(name), 0o700);
    });
    const disk = mountForeign(exfat);
    try {
      await withBtrfs({ sizeMiB: 512 }, ({ dir }) => {
        receiveBytes(stream, dir);
        const file = `${disk.dir}/stream`;
        writeFileSync(file, stream);
        const target = `${disk.dir}/target`;
        mkdirSync(target);
        const job = { stream: file, isPlain: true, target };
        const changes = changesOfReceive({ ...job, killAt: 0 })!;
        const made = readdirSync(target).sort();
        const struck = new Set<string>();
        for (let killAt = 1; killAt <= changes; killAt += 1) {
          rmSync(target, { recursive: true });
          mkdirSync(target);
          expect(changesOfReceive({ ...job, killAt })).toBeUndefined();
          for (const name of plainFiles(target)) struck.add(name);
          goingOn(() => receiveFolder({ source: bytesSource(stream), target }));
          expect([killAt, ...readdirSync(target).sort()]).toEqual([killAt, ...made]);
          sendBack(`${target}/special`, `${dir}/${killAt}`);
          const found = differences(`${dir}/special`, `${dir}/${killAt}/special`, {
            except: ['mtime'],
          });
          expect([killAt, ...found]).toEqual([killAt]);
        }
        expect([...struck].sort()).toEqual(['o3-7-0', 'pipe', 'socket']);
      });
    } finally {
      disk.close();
    }
  });
});

/** Which of what must be no plain file is one. */
function plainFiles(dir: string): string[] {
  const found = run('find', [dir, '-type', 'f', '-printf', '%f\n']).stdout.toString().split('\n');
  return found.filter((name) => ['pipe', 'socket', 'o3-7-0'].includes(name));
}
