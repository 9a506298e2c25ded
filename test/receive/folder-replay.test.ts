import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { FolderSink, receiveFolder } from '../../main/engine/receive.ts';
import { decodeStream } from '../../main/engine/stream/decode.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import type { StreamEncoder } from '../../main/engine/stream/encode.ts';
import { countReaddirs } from '../harness/count-readdirs.ts';
import { describeKernel } from '../harness/kernel.ts';
import { run } from '../harness/run.ts';
import { FOREIGN, missingTool, mountForeign, type Foreign } from './foreign-filesystem.ts';
import { fullStream, text } from './receive-harness.ts';

/** In memory, and none of those that are believed to have any name and every case. */
const RAMFS: Foreign = {
  ...{ name: 'ramfs', make: ['true'], mount: { type: 'ramfs' }, isPosix: false },
};

/**
 * Receives up to `cutAt` of the stream's bytes, with one mark in the journal on the way, and gives what a
 * power cut would leave then.
 */
function cutOff(disk: string, stream: Uint8Array, cutAt: number): string {
  const [first, left] = [`${disk}/first`, `${disk}/left`];
  mkdirSync(first);
  let asked = 0;
  // Once it is time for a mark, and never again.
  const nowMs = (): number => (asked++ === 0 ? 0 : 1000);
  const options = { nowMs, checkpointEveryMs: 500, asksAdmits: true, namesInMemory: 16 };
  const sink = new FolderSink(first, options);
  const admits = (index: number, checksum: number): boolean => sink.admits(index, checksum);
  const source = bytesSource(stream.subarray(0, cutAt));
  expect(() => decodeStream(source, sink, { admits })).toThrow('ends in the middle');
  run('cp', ['-a', first, left]);
  sink.abort();
  return left;
}

function mount(foreign = RAMFS): string {
  const disk = mountForeign(foreign);
  onTestFinished(() => disk.close());
  return disk.dir;
}

const manyFiles = (e: StreamEncoder, from: number, to: number): void => {
  for (let i = from; i < to; i += 1) {
    e.mkfile(text(`file-${i}`), i + 300);
    e.chmod(text(`file-${i}`), 0o600);
  }
};

describeKernel('what is repeated after a power cut', () => {
  // The folder was read for each name in it: thousands of times, with thousands of names each.
  test('reads a folder once, not for each of its names', () => {
    const disk = mount();
    const stream = fullStream('many', (e) => manyFiles(e, 0, 2000));
    const target = cutOff(disk, stream, stream.length - 100);
    let resumedAt: number | undefined;
    const count = countReaddirs(() => {
      ({ resumedAt } = receiveFolder({ source: bytesSource(stream), target }).folders[0]!);
    });
    expect(resumedAt).toBe(256);
    expect(count).toBeLessThan(50);
    expect(readdirSync(`${target}/many`).length).toBe(2000);
  });

  // A name that was put away into the file of names was not looked at: both went into one file.
  const exfat = FOREIGN.find(({ name }) => name === 'exfat')!;
  const title = 'a name that another one has on disk is not taken for what the killed run made';
  test.skipIf(missingTool(exfat))(title, () => {
    const disk = mount(exfat);
    const before = (e: StreamEncoder): void => {
      e.mkfile(text('A'), 1);
      e.mkfile(text('a'), 2);
      e.write(text('a'), 0, text('one'));
      manyFiles(e, 0, 500);
    };
    const stream = fullStream('two', (e) => {
      before(e);
      e.mkfile(text('a~2'), 3);
      e.write(text('a~2'), 0, text('two'));
    });
    const target = cutOff(disk, stream, fullStream('two', before).length - 10);
    const sink = new FolderSink(target, { asksAdmits: true, namesInMemory: 16 });
    const admits = (index: number, checksum: number): boolean => sink.admits(index, checksum);
    decodeStream(bytesSource(stream), sink, { admits });
    expect(sink.finish()[0]!.resumedAt).toBe(256);
    expect(readFileSync(`${target}/two/a~2`, 'utf8')).toBe('one');
    expect(readFileSync(`${target}/two/a~2~2`, 'utf8')).toBe('two');
  });

  test('what was made, removed and made again is made again', () => {
    const disk = mount();
    const stream = fullStream('moved', (e) => {
      manyFiles(e, 0, 300);
      e.mkdir(text('dir'), 1);
      e.mkfile(text('dir/x'), 2);
      e.write(text('dir/x'), 0, text('one'));
      e.unlink(text('dir/x'));
      e.mkfile(text('dir/x'), 3);
      e.write(text('dir/x'), 0, text('two'));
    });
    const target = cutOff(disk, stream, stream.length - 10);
    const [folder] = receiveFolder({ source: bytesSource(stream), target }).folders;
    expect(folder!.resumedAt).toBe(256);
    expect(readFileSync(`${target}/moved/dir/x`, 'utf8')).toBe('two');
  });
});
