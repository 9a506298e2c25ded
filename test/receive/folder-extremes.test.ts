import { readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import type { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { acl } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { getXattr } from '../harness/syscalls.ts';
import {
  FOREIGN,
  missingTool,
  mountForeign,
  sendBack,
  type Foreign,
} from './foreign-filesystem.ts';
import { fullStream, receiveBytes, streamOf, text, UUID, differences } from './receive-harness.ts';

const [ext4, xfs] = FOREIGN as readonly [Foreign, Foreign];
const exfat = FOREIGN.find(({ name }) => name === 'exfat')!;
const SLOW_MS = 300_000;

/** As in `btrfs_inode_item`, all four the same. */
function times(seconds: bigint, nanoseconds: number): Buffer {
  const out = Buffer.alloc(48);
  for (const at of [0, 12, 24, 36]) {
    out.writeBigInt64LE(seconds, at);
    out.writeUInt32LE(nanoseconds, at + 8);
  }
  return out;
}

/** Receives streams into a folder and straight onto btrfs; what comes back must be the same. */
async function expectBack(
  foreign: Foreign,
  streams: readonly { readonly name: string; readonly stream: Uint8Array }[],
  policy: { readonly privileged?: boolean } = {},
  look: (dir: string) => void = () => {},
): Promise<void> {
  const disk = mountForeign(foreign);
  try {
    await withBtrfs({ sizeMiB: 512 }, ({ dir }) => {
      for (const { name, stream } of streams) {
        receiveFolder({ source: bytesSource(stream), target: disk.dir, ...policy });
        receiveBytes(stream, dir);
        const back = `${dir}/back-${name}`;
        sendBack(`${disk.dir}/${name}`, back);
        // Where there are no holes it is not known what was one.
        const options = foreign === exfat ? { except: ['holes' as const] } : undefined;
        expect(differences(`${dir}/${name}`, `${back}/${name}`, options).join('\n')).toBe('');
      }
      look(disk.dir);
    });
  } finally {
    disk.close();
  }
}

/** What the stream says nothing of is different each time. */
function settle(e: StreamEncoder, ...names: string[]): void {
  for (const name of [...names, '']) {
    if (name !== 'link') e.chmod(text(name), 0o670);
    e.utimes(text(name), times(1_500_000_000n, 7), false);
  }
}

function next(write: (e: StreamEncoder) => void): Uint8Array {
  return streamOf((e) => {
    e.snapshot(text('next'), Buffer.alloc(16, 9), 8, UUID, 7);
    write(e);
    e.end();
  });
}

describeKernel('a plain folder on a filesystem that has less than btrfs', () => {
  // The nearest time that ext4 has (1901 to 2446) was taken for the one that was sent.
  test.each([
    ['ext4', ext4],
    ['ext4 with whole seconds', { ...ext4, make: [...ext4.make, '-I', '128'] as Foreign['make'] }],
    ['xfs to 2038', { ...xfs, make: [...xfs.make, '-m', 'bigtime=0'] as Foreign['make'] }],
  ])('%s: times that it does not have come back', async (_, foreign) => {
    const moments = [-9_000_000_000n, -2_177_452_801n, 1n, 2n ** 31n, 15_032_385_536n, 2n ** 38n];
    const names = moments.map((moment) => `at ${moment}`);
    const stream = fullStream('times', (e) => {
      moments.forEach((moment, i) => {
        const name = text(names[i]!);
        if (i % 3 === 0) e.mkdir(name, i);
        else if (i % 3 === 1) e.mkfile(name, i);
        else e.symlink(name, i, text('nowhere'));
        if (i % 3 !== 2) e.chmod(name, 0o755);
        e.utimes(name, times(moment, 123_456_789), false);
      });
      e.chmod(text(''), 0o755);
      e.utimes(text(''), times(2n ** 40n, 5), false);
    });
    const increment = next((e) => {
      e.utimes(text(names[0]!), times(5n, 0), false);
      e.rename(text(names[1]!), text(`${names[0]!}/in`));
      e.utimes(text(names[0]!), times(6n, 0), false);
      e.utimes(text(''), times(-1n, 0), false);
    });
    await expectBack(foreign, [
      { name: 'times', stream },
      { name: 'next', stream: increment },
    ]);
  });

  // Attributes are read back from files and folders only; these were believed to be on the disk.
  test('attributes of FIFOs, sockets, devices and links come back', async () => {
    const stream = fullStream('special', (e) => {
      e.mkfifo(text('fifo'), 1);
      e.mksock(text('socket'), 2);
      e.mknod(text('device'), 3, 0o20600, 0x103);
      e.symlink(text('link'), 4, text('nowhere'));
      for (const name of ['fifo', 'socket', 'device', 'link']) {
        e.setXattr(text(name), text('trusted.of'), text(name));
        e.setXattr(text(name), text('trusted.gone'), text(name));
        e.removeXattr(text(name), text('trusted.gone'));
      }
      e.setXattr(text('fifo'), text('system.posix_acl_access'), acl(1001, 6));
      settle(e, 'fifo', 'socket', 'device', 'link');
    });
    const increment = next((e) => {
      e.removeXattr(text('socket'), text('trusted.of'));
      settle(e);
    });
    const streams = [
      { name: 'special', stream },
      { name: 'next', stream: increment },
    ];
    await expectBack(ext4, streams);
    await expectBack(ext4, streams, { privileged: true }, (dir) =>
      expect(getXattr(`${dir}/special/fifo`, 'trusted.of').toString()).toBe('fifo'),
    );
  });

  // ext4 has 65,000 links to an inode: what more there are became copies with modes of their own.
  test('more links to one file than it has', { timeout: SLOW_MS }, async () => {
    const LINKS = 65_003;
    const stream = fullStream('links', (e) => {
      e.mkfile(text('hub'), 1);
      e.setXattr(text('hub'), text('user.before'), text('1'));
      for (let i = 1; i < LINKS; i += 1) e.link(text(`link-${i}`), text('hub'));
      e.write(text('hub'), 0, text('through the first name'));
      e.setXattr(text('hub'), text('user.after'), text('2'));
      e.chown(text('hub'), 5, 6);
      settle(e, 'hub');
      const last = `link-${LINKS - 1}`;
      e.removeXattr(text(last), text('user.before'));
      e.write(text(last), 0, text('THROUGH'));
      e.unlink(text('hub'));
      settle(e, 'link-1');
      e.chmod(text('link-2'), 0o600);
    });
    await expectBack(ext4, [{ name: 'links', stream }], {}, (dir) => {
      expect(statSync(`${dir}/links/link-1`).nlink).toBeGreaterThan(60_000);
      for (const name of ['link-1', `link-${LINKS - 1}`]) {
        expect(readFileSync(`${dir}/links/${name}`, 'utf8')).toBe('THROUGH the first name');
        // What became a copy could be read by everybody, and was of today.
        const { mode, uid, gid, mtimeMs } = statSync(`${dir}/links/${name}`);
        expect([mode & 0o7777, uid, gid, mtimeMs]).toEqual([0o600, 5, 6, 1_500_000_000_000]);
      }
    });
  });

  // Each gibibyte was looked for by name, four million of them.
  // Seconds beyond 2^53 are rounded when they are read: that ended as a defect.
  test('tmpfs: the last second that there is', async () => {
    const tmpfs = FOREIGN.find(({ name }) => name === 'tmpfs')!;
    const stream = fullStream('late', (e) => {
      e.mkfile(text('file'), 1);
      settle(e, 'file');
      e.utimes(text('file'), times(2n ** 63n - 1n, 5), false);
    });
    await expectBack(tmpfs, [{ name: 'late', stream }]);
  });

  test('a file of four pebibytes that is nearly all hole', async () => {
    const stream = fullStream('large', (e) => {
      e.mkfile(text('file'), 1);
      e.write(text('file'), 2 ** 33, Buffer.alloc(4096, 'far'));
      e.write(text('file'), 2 ** 52, text('end'));
      e.truncate(text('file'), 2 ** 52 + 4096);
      settle(e, 'file');
    });
    const began = performance.now();
    await expectBack(ext4, [{ name: 'large', stream }]);
    expect(performance.now() - began).toBeLessThan(20_000);
  });

  // "No space left on device" ended the whole receive.
  // The name that was cloned from was a copy which had not got yet what another one was given.
  test.skipIf(missingTool(exfat))('exFAT: a clone from a file that has several names', async () => {
    const stream = fullStream('cloned', (e) => {
      e.mkfile(text('one'), 1);
      e.write(text('one'), 0, Buffer.alloc(8192, 'old'));
      e.link(text('two'), text('one'));
      e.write(text('one'), 4096, Buffer.alloc(4096, 'new'));
      e.mkfile(text('clone'), 2);
      e.clone(text('clone'), 0, 8192, UUID, 7, text('two'), 0);
      e.clone(text('two'), 0, 4096, UUID, 7, text('one'), 4096);
      for (const name of ['one', 'clone', '']) {
        e.chmod(text(name), 0o755);
        e.utimes(text(name), times(1_234_567_890n, 5), false);
      }
    });
    await expectBack(exfat, [{ name: 'cloned', stream }]);
  });

  test.skipIf(missingTool(exfat))('exFAT: holes larger than the drive', async () => {
    const stream = fullStream('hollow', (e) => {
      e.mkfile(text('file'), 1);
      e.write(text('file'), 0, text('head'));
      e.write(text('file'), 2 ** 40, text('middle'));
      e.write(text('file'), 2 ** 40 + 2 ** 25, text('end'));
      e.truncate(text('file'), 2 ** 42);
      e.mkfile(text('empty'), 2);
      e.truncate(text('empty'), 2 ** 52);
      e.mkfile(text('cut'), 3);
      e.truncate(text('cut'), 2 ** 41);
      e.truncate(text('cut'), 3);
      // exfat-fuse counts clusters in 32 bits, and died of this one.
      e.mkfile(text('far'), 4);
      e.write(text('far'), 0, Buffer.alloc(8192, 'near'));
      e.write(text('far'), 2 ** 48 + 4096, Buffer.alloc(100, 'far'));
      settle(e, 'file', 'empty', 'cut', 'far');
    });
    const increment = next((e) => {
      e.write(text('file'), 2 ** 39, text('between'));
      e.truncate(text('file'), 2 ** 40 + 3);
      e.write(text('empty'), 2 ** 51, text('no more'));
      settle(e, 'file', 'empty');
    });
    await expectBack(exfat, [
      { name: 'hollow', stream },
      { name: 'next', stream: increment },
    ]);
  });
});
