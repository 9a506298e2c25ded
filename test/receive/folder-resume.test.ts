import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ioError } from '../../shared/errors.ts';
import { FolderSink, openBtrfsSink, receiveFolder, sendFolder } from '../../main/engine/receive.ts';
import { INODE_FLAG } from '../../main/engine/format/constants.ts';
import { folderLeftoversIn } from '../../main/engine/sink/folder-leftovers.ts';
import { decodeStream } from '../../main/engine/stream/decode.ts';
import { bytesSource, type ByteSource } from '../../main/engine/stream/decode-source.ts';
import type { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { dendro } from '../harness/dendro.ts';
import { acl, fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, withBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { listXattrs } from '../harness/syscalls.ts';
import {
  FOREIGN,
  missingTool,
  mountForeign,
  sendBack,
  type ForeignDisk,
} from './foreign-filesystem.ts';
import { changesOfReceive } from './kill-receive.ts';
import {
  differences,
  kernelStream,
  receiveBytes,
  streamOf,
  takeSnapshot,
  text,
  UUID,
} from './receive-harness.ts';

/** Kills of each stream on each filesystem. */
const KILLS = 2;
/** So many changes before the end: among those that make the first copy. */
const KILLS_AT_LINKS = [26];

/**
 * What a folder gives to what is made in it was forgotten by a run that goes on: its ACL came to
 * new files, and the group of the first one was taken for that of all others.
 */
describeKernel('folders whose default ACL or group new files take', () => {
  const commands: ((e: StreamEncoder) => void)[] = [
    (e) => e.mkdir(text('shared'), 257),
    (e) => e.setXattr(text('shared'), text('system.posix_acl_default'), acl(1001, 7)),
    (e) => e.mkdir(text('group'), 258),
    (e) => e.chown(text('group'), 0, 100),
    (e) => e.chmod(text('group'), 0o2775),
    (e) => e.mkfile(text('group/file'), 259),
    (e) => e.chown(text('group/file'), 0, 100),
    (e) => e.mkfile(text('file'), 260),
    (e) => e.chown(text('file'), 0, 100),
    (e) => e.mkdir(text('group/folder'), 261),
    (e) => e.chown(text('group/folder'), 0, 0),
    (e) => e.mkfile(text('shared/file'), 262),
    (e) => e.chmod(text('shared/file'), 0o640),
    (e) => e.mkdir(text('shared/folder'), 263),
    (e) => e.chmod(text('shared/folder'), 0o750),
  ];
  const stream = (count: number): Uint8Array =>
    streamOf((e) => {
      e.subvol(text('snap'), UUID, 7);
      for (const command of commands.slice(0, count)) command(e);
      if (count > commands.length) e.end();
    });

  test('give it to none that is made after an interruption', () =>
    withBtrfs({}, ({ dir }) => {
      const receiveInto = (folder: string, count: number): void => {
        try {
          receiveFolder({ source: bytesSource(stream(count)), target: `${dir}/${folder}` });
        } catch (error) {
          expect(error).toMatchObject({ code: 'stream-cut-short' });
        }
      };
      mkdirSync(`${dir}/whole`);
      receiveInto('whole', commands.length + 1);
      expect(statSync(`${dir}/whole/snap/file`).gid).toBe(100);
      expect(listXattrs(`${dir}/whole/snap/shared/file`)).toEqual([]);
      for (let count = 1; count <= commands.length; count += 1) {
        mkdirSync(`${dir}/${count}`);
        receiveInto(`${count}`, count);
        receiveInto(`${count}`, commands.length + 1);
        const found = differences(`${dir}/whole/snap`, `${dir}/${count}/snap`, {
          except: ['mtime'],
        });
        expect(found, `cut after ${count} commands`).toEqual([]);
      }
    }));
});

/** A receive into a plain folder used to begin anew after every interruption. */
describeKernel('an interrupted receive into a plain folder', () => {
  let source: TestBtrfs;
  let target: TestBtrfs;
  let streams: readonly Buffer[];
  const at = (name: string) => `${source.dir}/${name}`;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 512 });
    target = makeBtrfs({ sizeMiB: 2048 });
    run('btrfs', ['subvolume', 'create', at('live')]);
    fillTree(at('live'), { files: 60 });
    writeFileSync(at('live/large'), new Random(5).bytes(6 << 20));
    takeSnapshot(at('live'), at('one'));
    run('bash', ['-c', CHANGES, 'edit', at('live')]);
    takeSnapshot(at('live'), at('two'));
    const dendroStream = run(dendro, ['send', '-q', at('one')]).stdout;
    streams = [dendroStream, kernelStream(at('two'), '--proto', '2', '-p', at('one'))];
  });
  afterAll(() => {
    source.close();
    target.close();
  });

  const restoredDifferences = (disk: ForeignDisk, name: string, hasHoles: boolean): string[] => {
    const into = `${target.dir}/${Math.random().toString(36).slice(2)}`;
    run('mkdir', [into]);
    const sink = openBtrfsSink(into, { nowMs: () => performance.now() });
    sendFolder(`${disk.dir}/${name}`, sink);
    sink.finish();
    const except = hasHoles ? (['flags'] as const) : (['flags', 'holes'] as const);
    const found = differences(at(name), `${into}/${name}`, { except: [...except] });
    run('btrfs', ['subvolume', 'delete', `${into}/${name}`]);
    return found;
  };

  for (const foreign of FOREIGN) {
    const missing = missingTool(foreign);
    describe.skipIf(missing !== undefined)(`${foreign.name} ${missing ?? ''}`, () => {
      let disk: ForeignDisk;
      beforeAll(() => {
        disk = mountForeign(foreign);
      });
      afterAll(() => disk.close());

      test('killed at random moments: goes on where it stopped, and comes back whole', async () => {
        const random = new Random(11);
        for (const [i, stream] of streams.entries()) {
          const name = ['one', 'two'][i]!;
          let last = 0;
          for (let kill = 0; kill < KILLS; kill += 1) {
            const piece = random.between(stream.length >> 2, stream.length - 20);
            await killIn(stream.subarray(0, piece), disk.dir, random.between(0, 150));
            const [left] = leftovers(disk.dir);
            expect(left?.name).toBe(name);
            expect(left!.command).toBeGreaterThanOrEqual(last);
            expect(left!.command).toBeGreaterThan(1);
            last = left!.command;
          }
          const hooks = { onResume: (command: number) => expect(command).toBe(last) };
          const got = receiveFolder({ source: bytesSource(stream), target: disk.dir }, hooks);
          expect(got.folders[0]).toMatchObject({ isExact: true, resumedAt: last });
          expect(restoredDifferences(disk, name, foreign.isPosix)).toEqual([]);
        }
        expect(hidden(disk.dir)).toEqual([]);
      });

      // what stands in memory only has no power cut to come through
      if (foreign.name === 'tmpfs') return;
      test('after a power cut: goes on at a mark', () => {
        run('bash', ['-c', 'rm -rf "$1"/one* "$1"/two*', 'empty', disk.dir]);
        const stream = streams[0]!;
        const cut = failing(stream, stream.length - 2000, () => disk.copyAsIs());
        // Time stands still: there is a mark as often as there can be.
        const sink = new FolderSink(disk.dir, {
          ...{ nowMs: () => 0, checkpointEveryMs: 0, asksAdmits: true },
        });
        const admits = (index: number, checksum: number) => sink.admits(index, checksum);
        expect(() => decodeStream(cut, sink, { admits })).toThrow('power cut');
        sink.abort();
        disk.cutPower();
        const [left] = leftovers(disk.dir);
        expect(left!.command).toBeGreaterThan(200);
        const got = receiveFolder({ source: bytesSource(stream), target: disk.dir });
        expect(got.folders[0]!.resumedAt).toBe(left!.command);
        // XFS finds zeros where the first run had begun to write: holes are not as exact.
        expect(restoredDifferences(disk, 'one', false)).toEqual([]);
        expect(hidden(disk.dir)).toEqual([]);
      });
    });
  }
});

const exfat = FOREIGN.find(({ name }) => name === 'exfat')!;
describeKernel('a copy in the place of a link, where there are none', () => {
  test.skipIf(missingTool(exfat))('was made by a run that was killed right after it', async () => {
    const file = (e: StreamEncoder): void => {
      e.subvol(text('linked'), UUID, 7);
      e.mkfile(text('one'), 1);
      e.write(text('one'), 0, text('content'));
    };
    const stream = streamOf((e) => {
      file(e);
      e.link(text('two'), text('one'));
      e.end();
    });
    const disk = mountForeign(exfat);
    try {
      await killIn(streamOf(file), disk.dir, 100);
      expect(leftovers(disk.dir)[0]!.command).toBe(3);
      const [made] = run('find', [disk.dir, '-name', 'one']).stdout.toString().trim().split('\n');
      run('cp', [made!, made!.replace(/one$/, 'two')]);
      receiveFolder({ source: bytesSource(stream), target: disk.dir });
      expect(readFileSync(`${disk.dir}/linked/two`, 'utf8')).toBe('content');
    } finally {
      disk.close();
    }
  });
});

describeKernel('a power cut between the last mark and the end', () => {
  // What was left empty was taken for the mark that all is there, and no run could go on.
  test('leaves the mark of completeness empty: the next run goes on', () => {
    const stream = streamOf((e) => {
      e.subvol(text('torn'), UUID, 7);
      e.mkfile(text('file'), 1);
      e.write(text('file'), 0, text('content'));
      e.end();
    });
    const disk = mountForeign(FOREIGN[0]!);
    try {
      const sink = new FolderSink(disk.dir, { nowMs: () => 0, asksAdmits: true });
      const admits = (index: number, checksum: number) => sink.admits(index, checksum);
      expect(() =>
        decodeStream(
          failing(stream as Buffer, stream.length - 10, () => {}),
          sink,
          { admits },
        ),
      ).toThrow();
      sink.abort(ioError('device-gone', 'pulled', { hint: '' }));
      const [aside] = hidden(disk.dir);
      writeFileSync(`${disk.dir}/${aside}/complete`, '');
      expect(leftovers(disk.dir)[0]!.command).toBe(3);
      receiveFolder({ source: bytesSource(stream), target: disk.dir });
      expect(readFileSync(`${disk.dir}/torn/file`, 'utf8')).toBe('content');
      expect(hidden(disk.dir)).toEqual([]);
    } finally {
      disk.close();
    }
  });
});

const ntfs = FOREIGN.find(({ name }) => name === 'ntfs')!;
describeKernel('what an interrupted receive could not keep', () => {
  /** A file of which something is lost, and more behind it. */
  const lossy = (lose: (e: StreamEncoder) => void): Uint8Array =>
    streamOf((e) => {
      e.subvol(text('lossy'), UUID, 7);
      e.mkfile(text('file'), 1);
      e.write(text('file'), 0, text('content'));
      lose(e);
      e.mkfile(text('next'), 2);
      e.mkfile(text('last'), 3);
      e.end();
    }, 2);

  // The run that went on knew nothing of it.
  test.skipIf(missingTool(ntfs))('is reported by the run that goes on: a plain folder', () => {
    const stream = lossy((e) => e.fallocate(text('file'), 1, 0, 65_536));
    const disk = mountForeign(ntfs);
    try {
      const receive = (bytes: Uint8Array) =>
        receiveFolder({ source: bytesSource(bytes), target: disk.dir });
      expect(() => receive(stream.subarray(0, stream.length - 30))).toThrow('ends in the middle');
      const [folder] = receive(stream).folders;
      expect(folder).toMatchObject({ lossCounts: { 'preallocated space': 1 } });
      expect(folder!.resumedAt).toBeGreaterThan(3);
    } finally {
      disk.close();
    }
  });

  test('is reported by the run that goes on: btrfs', async () => {
    const stream = lossy((e) => e.fileattr(text('file'), INODE_FLAG.nodatacow));
    await withBtrfs({}, ({ dir }) => {
      const cut = stream.subarray(0, stream.length - 30);
      expect(() => receiveBytes(cut, dir)).toThrow('ends in the middle');
      const [snapshot] = receiveBytes(stream, dir).snapshots;
      expect(snapshot).toMatchObject({ lossCount: 1, losses: [{ path: 'file' }] });
      expect(snapshot!.resumedAt).toBeGreaterThan(3);
    });
  });
});

// More than 65,000 names: what was half copied for the one more was in the way of the next run.
describeKernel('more links than ext4 has, killed where they become copies', () => {
  test('the next run goes on, and nothing is lost', { timeout: 240_000 }, async () => {
    const stream = streamOf((e) => {
      e.subvol(text('links'), UUID, 7);
      e.mkfile(text('hub'), 1);
      e.write(text('hub'), 0, text('content'));
      e.setXattr(text('hub'), text('user.one'), text('1'));
      e.setXattr(text('hub'), text('user.two'), text('2'));
      for (let i = 1; i <= 65_001; i += 1) e.link(text(`${i}`), text('hub'));
      e.removeXattr(text('65001'), text('user.one'));
      e.chmod(text(''), 0o755);
      e.end();
    });
    const disk = mountForeign(FOREIGN[0]!);
    try {
      await withBtrfs({ sizeMiB: 512 }, ({ dir }) => {
        const file = `${disk.dir}/stream`;
        writeFileSync(file, stream);
        receiveBytes(stream, dir);
        const job = { stream: file, isPlain: true };
        const place = (name: string): string => {
          mkdirSync(`${disk.dir}/${name}`);
          return `${disk.dir}/${name}`;
        };
        const changes = changesOfReceive({ ...job, target: place('calm'), killAt: 0 })!;
        for (const before of KILLS_AT_LINKS) {
          const target = place(`${before}`);
          const killAt = changes - before;
          expect(changesOfReceive({ ...job, target, killAt })).toBeUndefined();
          receiveFolder({ source: bytesSource(stream), target });
          const back = `${dir}/back-${before}`;
          sendBack(`${target}/links`, back);
          const found = differences(`${dir}/links`, `${back}/links`, { except: ['mtime'] });
          expect([before, ...found]).toEqual([before]);
        }
      });
    } finally {
      disk.close();
    }
  });
});

const CHANGES = `
  cd "$1"
  mv tree tree-moved; mkdir tree; mv tree-moved tree/below
  for f in $(find tree -type f | sort | head -20); do echo more >> "$f"; done
  for f in $(find tree -type f | sort | tail -10); do rm "$f"; done
  cp --reflink=always large second; mv large third; echo new > large
`;

interface Left {
  readonly name: string;
  readonly command: number;
}

function leftovers(dir: string): Left[] {
  return JSON.parse(
    run(dendro, ['leftovers', '--json', dir], { accept: [0, 1] }).stdout.toString(),
  );
}

function hidden(dir: string): string[] {
  return readdirSync(dir).filter((name) => name.startsWith('.dendro'));
}

/** Feeds it so much of a stream, and kills it so long after there is something to go on from. */
async function killIn(piece: Uint8Array, dir: string, afterMs: number): Promise<void> {
  const receiver = spawn(dendro, ['receive', '-q', '--plain', dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const isGone = new Promise((resolve) => receiver.on('close', resolve));
  receiver.stdin.on('error', () => {});
  receiver.stdin.write(piece);
  const hasBegun = (): boolean =>
    folderLeftoversIn(Buffer.from(dir)).some(({ progress }) => progress.commands > 1);
  while (!hasBegun()) await sleep(10);
  await sleep(afterMs);
  receiver.kill('SIGKILL');
  await isGone;
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Gives `length` bytes of a stream, and then fails. */
function failing(stream: Buffer, length: number, onEnd: () => void): ByteSource {
  const source = bytesSource(stream.subarray(0, length));
  return {
    read(target, offset, wanted) {
      const count = source.read(target, offset, wanted);
      if (count > 0) return count;
      onEnd();
      throw new Error('power cut');
    },
  };
}
