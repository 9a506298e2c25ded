import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FolderSink, openBtrfsSink, receiveFolder, sendFolder } from '../../main/engine/receive.ts';
import { folderLeftoversIn } from '../../main/engine/sink/folder-leftovers.ts';
import { decodeStream } from '../../main/engine/stream/decode.ts';
import { bytesSource, type ByteSource } from '../../main/engine/stream/decode-source.ts';
import type { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { dendro } from '../harness/dendro.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { FOREIGN, missingTool, mountForeign, type ForeignDisk } from './foreign-filesystem.ts';
import {
  differences,
  kernelStream,
  streamOf,
  takeSnapshot,
  text,
  UUID,
} from './receive-harness.ts';

/** Kills of each stream on each filesystem. */
const KILLS = 2;

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
