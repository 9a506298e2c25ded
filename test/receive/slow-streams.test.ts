import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { receive, receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, withBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { openPipe } from '../harness/syscalls.ts';
import { FOREIGN, mountForeign } from './foreign-filesystem.ts';
import type { ReceiveKillJob } from './kill-child.ts';
import { differences, kernelStream, takeSnapshot } from './receive-harness.ts';

const CHILD = join(import.meta.dirname, 'kill-child.ts');
const EVERY_MS = 50;
const PIECES = 12;

/**
 * The clock was looked at once in 256 commands only: of a slow sender's large ones there came
 * fewer in hours, and a power cut took all of them.
 */
describeKernel('a slow stream of few large commands, and then a power cut', () => {
  let source: TestBtrfs;
  let stream: Buffer;
  const at = (name: string) => `${source.dir}/${name}`;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 256, mountOptions: 'compress-force=zstd' });
    run('btrfs', ['subvolume', 'create', at('live')]);
    writeFileSync(at('live/large'), new Random(3).bytes(8 << 20));
    takeSnapshot(at('live'), at('one'));
    stream = kernelStream(at('one'), '--proto', '2', '--compressed-data');
  });
  afterAll(() => source.close());

  /** Most of it, slowly, and then the receiver is killed. */
  async function sendSlowly(target: string, isPlain: boolean): Promise<void> {
    const job: ReceiveKillJob = {
      ...{ stream: '/dev/stdin', target, isPlain },
      ...{ checkpointEveryMs: EVERY_MS, killAt: 0 },
    };
    const pipe = openPipe();
    const receiver = spawn(process.execPath, [CHILD, JSON.stringify(job)], {
      stdio: [pipe.read, 'ignore', 'inherit'],
    });
    closeSync(pipe.read);
    const piece = Math.floor((stream.length - (1 << 20)) / PIECES);
    for (let i = 0; i < PIECES; i += 1) {
      writeSync(pipe.write, stream, i * piece, piece);
      await sleep(EVERY_MS);
    }
    receiver.kill('SIGKILL');
    await once(receiver, 'close');
    closeSync(pipe.write);
  }

  test('onto btrfs: the next one goes on at a checkpoint', async () => {
    await withBtrfs({ sizeMiB: 256 }, async (target) => {
      await sendSlowly(target.dir, false);
      // What is counted in memory is not believed then.
      target.remount();
      const { snapshots } = receive({ source: bytesSource(stream), target: target.dir });
      expect(snapshots[0]!.resumedAt).toBeGreaterThan(10);
      expect(differences(at('one'), `${target.dir}/one`)).toEqual([]);
    });
  });

  test('into a plain folder: the next one goes on at a mark', async () => {
    const disk = mountForeign(FOREIGN.find(({ name }) => name === 'ext4')!);
    try {
      await sendSlowly(disk.dir, true);
      disk.mountAnew();
      const { folders } = receiveFolder({ source: bytesSource(stream), target: disk.dir });
      expect(folders[0]!.resumedAt).toBeGreaterThan(5);
      expect(differences(at('one'), `${disk.dir}/one`, { except: ['flags'] })).toEqual([]);
    } finally {
      disk.close();
    }
  });
});
