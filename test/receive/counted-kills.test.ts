import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { receive, receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import type { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { FOREIGN, missingTool, mountForeign, sendBack } from './foreign-filesystem.ts';
import type { ReceiveKillJob } from './kill-child.ts';
import { changesOfReceive } from './kill-receive.ts';
import { differences, fullStream, goingOn, text } from './receive-harness.ts';

/** Of a stream named `kept`, as the stock tool receives it. */
const NAME = 'kept';
const exfat = FOREIGN.find(({ name }) => name === 'exfat')!;

interface Kills {
  readonly stream: Uint8Array;
  /** An empty filesystem. */
  readonly dir: string;
  readonly isPlain: boolean;
  readonly isAfter: boolean;
  /** Looks at what a kill has left. */
  readonly onKill?: (target: string) => void;
}

/** Kills a receive at each of its changes; the next one must end with what the stock tool makes. */
async function killAtEach({ stream, dir, isPlain, isAfter, onKill }: Kills): Promise<void> {
  await withBtrfs({ sizeMiB: 512 }, (judge) => {
    const file = `${judge.dir}/stream`;
    writeFileSync(file, stream);
    run('btrfs', ['receive', '-q', '-f', file, judge.dir]);
    const job = (place: string): Omit<ReceiveKillJob, 'killAt'> => {
      mkdirSync(`${dir}/${place}`);
      return { stream: file, isPlain, target: `${dir}/${place}`, isAfter };
    };
    const changes = changesOfReceive({ ...job('calm'), killAt: 0 })!;
    const made = readdirSync(`${dir}/calm`).sort();
    for (let killAt = 1; killAt <= changes; killAt += 1) {
      const one = job(`${killAt}`);
      const { target } = one;
      expect(changesOfReceive({ ...one, killAt })).toBeUndefined();
      onKill?.(target);
      const request = { source: bytesSource(stream), target };
      goingOn(() => (isPlain ? receiveFolder(request) : receive(request)));
      const back = isPlain ? `${judge.dir}/${killAt}` : target;
      if (isPlain) sendBack(`${target}/${NAME}`, back);
      const found = differences(`${judge.dir}/${NAME}`, `${back}/${NAME}`);
      expect([killAt, ...found]).toEqual([killAt]);
      expect([killAt, ...readdirSync(target).sort()]).toEqual([killAt, ...made]);
      if (isPlain) rmSync(target, { recursive: true });
    }
  });
}

describeKernel('pipes and sockets where there are none', () => {
  // exfat-fuse makes a plain file of a pipe and then says no: killed before that was taken away
  // again, the next run took it for the pipe.
  test.skipIf(missingTool(exfat))('killed before each change', { timeout: 240_000 }, async () => {
    const stream = kept((e) => {
      e.mkfifo(text('pipe'), 1);
      e.mksock(text('socket'), 2);
      e.mknod(text('o3-7-0'), 3, 0o010644, 0);
      e.rename(text('o3-7-0'), text('second'));
      e.mkfile(text('file'), 4);
      settle(e, 'pipe', 'socket', 'second', 'file', '');
    });
    const struck = new Set<string>();
    const onKill = (target: string): void => {
      for (const name of ['pipe', 'socket', 'o3-7-0']) {
        if (run('find', [target, '-type', 'f', '-name', name]).stdout.length > 0) struck.add(name);
      }
    };
    const disk = mountForeign(exfat);
    try {
      await killAtEach({ stream, dir: disk.dir, isPlain: true, isAfter: false, onKill });
      expect([...struck].sort()).toEqual(['o3-7-0', 'pipe', 'socket']);
    } finally {
      disk.close();
    }
  });
});

/**
 * What is made under a temporary name waits for its own. The kernel's streams have other commands
 * in between: the next run met what was done of them already (ENOENT), or, where there are no
 * attributes, passed over a creation that had not been made yet.
 */
describeKernel('commands between a creation and its name', () => {
  const stream = kept((e) => {
    e.mkfile(text('o1-7-0'), 1);
    e.mkdir(text('o2-7-0'), 2);
    e.rename(text('o1-7-0'), text('o2-7-0/file'));
    e.write(text('o2-7-0/file'), 0, text('content'));
    e.rename(text('o2-7-0'), text('folder'));
    e.mkdir(text('o3-7-0'), 3);
    e.link(text('o3-7-0/link'), text('folder/file'));
    e.rename(text('o3-7-0'), text('links'));
    e.mkfile(text('o4-7-0'), 4);
    e.unlink(text('links/link'));
    e.rename(text('o4-7-0'), text('links/link'));
    e.mkfile(text('o5-7-0'), 5);
    e.setXattr(text('o5-7-0'), text('user.name'), text('value'));
    e.rename(text('o5-7-0'), text('last'));
    settle(e, 'folder/file', 'folder', 'links/link', 'links', 'last', '');
  });

  test.skipIf(missingTool(exfat)).each([false, true])(
    'onto exFAT, killed after each change: %j',
    { timeout: 240_000 },
    async (isAfter) => {
      const disk = mountForeign(exfat);
      try {
        await killAtEach({ stream, dir: disk.dir, isPlain: true, isAfter });
      } finally {
        disk.close();
      }
    },
  );

  test('onto btrfs, killed after each change', { timeout: 240_000 }, async () => {
    await withBtrfs({ sizeMiB: 512 }, ({ dir }) =>
      killAtEach({ stream, dir, isPlain: false, isAfter: true }),
    );
  });
});

describeKernel('a folder that got its name after the last mark, and something in it', () => {
  // Made again, it could not take its name a second time (ENOTEMPTY).
  test('after a power cut it is the same folder', async () => {
    const stream = kept((e) => {
      // A mark comes with the 256th command.
      for (let i = 1; i < 256; i += 1) e.chmod(text(''), 0o755);
      e.mkdir(text('o1-7-0'), 1);
      e.rename(text('o1-7-0'), text('folder'));
      e.mkfile(text('folder/file'), 2);
      e.write(text('folder/file'), 0, text('content'));
      settle(e, 'folder/file', 'folder', '');
    });
    const disk = mountForeign(FOREIGN.find(({ name }) => name === 'ext4')!);
    try {
      await withBtrfs({ sizeMiB: 512 }, ({ dir }) => {
        const file = `${dir}/stream`;
        writeFileSync(file, stream);
        const target = `${disk.dir}/target`;
        mkdirSync(target);
        const job = { stream: file, isPlain: true, target, checkpointEveryMs: 0 };
        const changes = changesOfReceive({ ...job, killAt: 0 })!;
        const goneOnAt = new Set<number>();
        for (let killAt = changes - 24; killAt <= changes; killAt += 1) {
          rmSync(target, { recursive: true });
          mkdirSync(target);
          expect(changesOfReceive({ ...job, killAt })).toBeUndefined();
          // What is counted in memory is not believed then.
          disk.mountAnew();
          const hooks = { onResume: (command: number) => void goneOnAt.add(command) };
          goingOn(() => receiveFolder({ source: bytesSource(stream), target }, hooks));
          expect(readFileSync(`${target}/${NAME}/folder/file`, 'utf8')).toBe('content');
          expect(readdirSync(`${target}/${NAME}`)).toEqual(['folder']);
        }
        expect([...goneOnAt]).toEqual([256]);
      });
    } finally {
      disk.close();
    }
  });
});

describeKernel('a checkpoint between a creation and its name', () => {
  // It was counted with what it did not hold: after a power cut the rename ended with ENOENT.
  test('holds what it says', async () => {
    const stream = kept((e) => {
      // A checkpoint comes with the 256th command.
      for (let i = 2; i < 256; i += 1) e.chmod(text(''), 0o755);
      e.mkfile(text('o1-7-0'), 1);
      e.rename(text('o1-7-0'), text('file'));
      for (let i = 0; i < 20; i += 1) e.write(text('file'), i, text('x'));
    });
    await withBtrfs({ sizeMiB: 512 }, (target) => {
      const file = `${target.images[0]!}.stream`;
      writeFileSync(file, stream);
      const job = { stream: file, isPlain: false, checkpointEveryMs: 0 };
      const changes = changesOfReceive({ ...job, target: target.dir, killAt: 0 })!;
      run('btrfs', ['subvolume', 'delete', `${target.dir}/${NAME}`]);
      const killed = { ...job, target: target.dir, killAt: changes - 24 };
      expect(changesOfReceive(killed)).toBeUndefined();
      // What is counted in memory is not believed then.
      target.unmount();
      target.mount();
      const { snapshots } = receive({ source: bytesSource(stream), target: target.dir });
      expect(snapshots[0]!.resumedAt).toBe(255);
      expect(readFileSync(`${target.dir}/${NAME}/file`, 'utf8')).toBe('x'.repeat(20));
      rmSync(file);
    });
  });
});

function kept(commands: (e: StreamEncoder) => void): Uint8Array {
  return fullStream(NAME, commands);
}

const TIMES = Buffer.alloc(48);
for (const at of [0, 12, 24, 36]) TIMES.writeBigInt64LE(1_234_567_890n, at);

/** The same for all, wherever they come to be. */
function settle(e: StreamEncoder, ...paths: string[]): void {
  for (const path of paths) {
    e.chown(text(path), 0, 0);
    e.chmod(text(path), 0o700);
    e.utimes(text(path), TIMES, false);
  }
}
