import { closeSync, openSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { identityOf, resumePoint } from '../../main/engine/receive.ts';
import { bytesSource, type ByteSource } from '../../main/engine/stream/decode-source.ts';
import { decodeStream } from '../../main/engine/stream/decode.ts';
import { DumpSink } from '../../main/engine/stream/dump.ts';
import type { Protocol } from '../../main/engine/stream/protocol.ts';
import { dendro } from '../harness/dendro.ts';
import { fileExtents } from '../harness/extents.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run, runText } from '../harness/run.ts';
import {
  differences,
  errorOf,
  fullStream,
  kernelStream,
  receiveBytes,
  takeSnapshot,
  text,
  UUID,
} from './receive-harness.ts';

/** Length of a stream's header. */
const HEADER = 17;
/** FIEMAP_EXTENT_ENCODED */
const ENCODED = 0x8;

describeKernel('streams of all versions, one after another, with END and without', () => {
  let target: TestBtrfs;
  beforeAll(() => {
    target = makeBtrfs({ sizeMiB: 512 });
  });
  afterAll(() => target.close());

  const receiveWith = (input: Uint8Array, ...options: string[]) =>
    run(dendro, ['receive', ...options, target.dir], { input, accept: [0, 1] });
  const content = (path: string): string => readFileSync(`${target.dir}/${path}`, 'utf8');

  // A file that the same stream had made could not be opened again for it.
  test('version 3: fs-verity, or a report that the kernel has none; all else as it was sent', () => {
    const { status, stderr } = receiveWith(ofVersion(3, 'three'), '-v');
    expect(status).toBe(0);
    expect(content('three/sealed')).toBe('hello world');
    expect(statSync(`${target.dir}/three/sealed`).mode & 0o777).toBe(0o640);
    const measured = run('lsattr', ['-d', `${target.dir}/three/sealed`], { accept: [0, 1] });
    const hasVerity = /^\S*V/.test(measured.stdout.toString());
    expect(hasVerity).toBe(!stderr.includes('not kept: sealed: fs-verity'));
    expect(runText('btrfs', ['subvolume', 'show', `${target.dir}/three`])).toMatch(
      /Received UUID:\s+[0-9a-f-]{36}/,
    );
  });

  test('versions 1, 2 and 3 one after another', () => {
    const versions = [1, 2, 3] as const;
    const input = Buffer.concat(versions.map((version) => ofVersion(version, `v${version}`)));
    expect(receiveWith(input).status).toBe(0);
    for (const version of versions) expect(content(`v${version}/sealed`)).toBe('hello world');
  });

  // Long enough for the thread that reads ahead (InputThread): it has seen most of it decompress.
  test.each(['zstd', 'zlib', 'lzo'])(
    'a long stream of data compressed with %s, passed through: stored compressed, or unpacked',
    (algorithm) => {
      const source = makeBtrfs({ sizeMiB: 512, mountOptions: `compress-force=${algorithm}` });
      onTestFinished(() => source.close());
      const live = `${source.dir}/live`;
      run('btrfs', ['-q', 'subvolume', 'create', live]);
      const bytes = new Random(1).bytes(48 << 20).map((byte, i) => (i & 16 ? byte : 7));
      writeFileSync(`${live}/file`, bytes);
      run('sync', ['-f', live]);
      const sent = `${source.dir}/${algorithm}`;
      takeSnapshot(live, sent);
      const input = kernelStream(sent, '--proto', '2', '--compressed-data');
      for (const options of [[], ['--force-decompress']]) {
        const path = `${target.dir}/${algorithm}`;
        expect(receiveWith(input, ...options).status).toBe(0);
        expect(differences(sent, path)).toEqual([]);
        const fd = openSync(`${path}/file`, 'r');
        const isEncoded = fileExtents(fd).some(({ flags }) => (flags & ENCODED) !== 0);
        closeSync(fd);
        expect(isEncoded).toBe(options.length === 0);
        run('btrfs', ['-q', 'property', 'set', '-f', path, 'ro', 'false']);
        run('btrfs', ['-q', 'subvolume', 'delete', path]);
      }
    },
    60_000,
  );

  test('no END: refused as cut short, taken when told that it is whole', () => {
    const whole = ofVersion(1, 'endless');
    const endless = whole.subarray(0, whole.length - 10);
    const refused = receiveWith(endless);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('--end-optional');
    expect(receiveWith(endless, '--end-optional').status).toBe(0);
    expect(content('endless/sealed')).toBe('hello world');
  });

  test('no END between two streams: refused as well, taken when told; not needed within one', () => {
    const first = ofVersion(1, 'first');
    const endless = first.subarray(0, first.length - 10);
    const two = Buffer.concat([endless, ofVersion(2, 'second')]);
    const refused = receiveWith(two);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toContain('stream-cut-short');
    expect(readdirSync(target.dir)).not.toEqual(expect.arrayContaining(['first']));
    expect(receiveWith(two, '--end-optional').status).toBe(0);
    expect(readdirSync(target.dir)).toEqual(expect.arrayContaining(['first', 'second']));
    // as btrfs send -e writes several
    const third = ofVersion(1, 'third').subarray(0, -10);
    receiveBytes(Buffer.concat([third, ofVersion(1, 'fourth').subarray(HEADER)]), target.dir);
    expect(readdirSync(target.dir)).toEqual(expect.arrayContaining(['third', 'fourth']));
  });

  // The kernel begins its ioctl again, and with it the stream, after SIGSTOP and SIGCONT.
  test('a sender that begins anew in the middle leaves no half snapshot that looks whole', () => {
    const whole = ofVersion(1, 'again');
    const half = whole.subarray(0, commandStarts(Buffer.from(whole)).at(-3));
    const { status } = receiveWith(Buffer.concat([half, whole]));
    expect(status).toBe(1);
    expect(readdirSync(target.dir)).not.toContain('again');
    expect(receiveWith(whole).status).toBe(0);
    expect(content('again/sealed')).toBe('hello world');
  });

  // They were read as a command: a size of gigabytes, or a stream that should be sent again.
  test.each(['x', 'neither a stream nor a command'])(
    'followed by bytes of no stream: %s',
    (tail) => {
      const input = Buffer.concat([ofVersion(1, `tail-${tail.length}`), Buffer.from(tail)]);
      const error = errorOf(() => receiveBytes(input, target.dir));
      expect(error).toMatchObject({
        code: 'not-a-stream',
        message: expect.stringContaining('end'),
      });
      expect(content(`tail-${tail.length}/sealed`)).toBe('hello world');
      decodeStream(bytesSource(input), new DumpSink(() => {}), { stopAtEnd: true });
    },
  );

  // Its count of commands had fallen behind: a sender would have gone on at the wrong one.
  test('an error that was tolerated, then a cut: nothing goes on behind the error', () => {
    const stream = fullStream('lame', (e) => {
      e.mkfile(text('file'), 1);
      e.unlink(text('never there'));
      for (let i = 0; i < 50; i += 1) e.mkfile(text(`file${i}`), i + 2);
    });
    const cut = stream.subarray(0, stream.length - 40);
    expect(errorOf(() => receiveBytes(cut, target.dir, { maxErrors: 0 })).code).toBe(
      'stream-cut-short',
    );
    expect(resumePoint(target.dir, identityOf(text('lame'), UUID, 7)).command).toBe(0);
    const { snapshots, errors } = receiveBytes(stream, target.dir, { maxErrors: 0 });
    expect(errors).toBe(1);
    expect(snapshots[0]).toMatchObject({ isExact: false, resumedAt: 0 });
    expect(runText('btrfs', ['subvolume', 'show', `${target.dir}/lame`])).toMatch(
      /Received UUID:\s+-\s*$/m,
    );
  });
});

test('cut at any byte: refused; between two commands taken when told that it is whole', () => {
  const whole = Buffer.from(ofVersion(2, 'cut'));
  const between = new Set(commandStarts(whole).slice(1));
  for (let length = 1; length < whole.length; length += 1) {
    const source = (): ByteSource => bytesSource(whole.subarray(0, length));
    const read = (endOptional: boolean) => () =>
      decodeStream(source(), new DumpSink(() => {}), { endOptional });
    const code = length < HEADER ? 'not-a-stream' : 'stream-cut-short';
    expect([length, errorOf(read(false)).code]).toEqual([length, code]);
    const told = between.has(length) ? 'none' : code;
    expect([length, errorOf(read(true)).code]).toEqual([length, told]);
  }
  const twoHeaders = Buffer.concat([whole.subarray(0, HEADER), whole]);
  expect(errorOf(() => decodeStream(bytesSource(twoHeaders), new DumpSink(() => {}))).code).toBe(
    'stream-cut-short',
  );
});

/** Where commands begin. */
function commandStarts(stream: Buffer): number[] {
  const starts: number[] = [];
  for (let at = HEADER; at < stream.length; at += 10 + stream.readUInt32LE(at)) starts.push(at);
  return starts;
}

function ofVersion(version: Protocol, name: string): Uint8Array {
  return fullStream(
    name,
    (e) => {
      e.mkfile(text('sealed'), 1);
      e.write(text('sealed'), 0, text('hello'));
      const lengths = { unencodedFileLength: 6, unencodedLength: 6, unencodedOffset: 0 };
      const plain = { compression: 0, encryption: 0, data: text(' world') };
      if (version === 1) e.write(text('sealed'), 5, text(' world'));
      else e.encodedWrite(text('sealed'), { offset: 5, ...lengths, ...plain });
      if (version === 3) e.enableVerity(text('sealed'), 1, 4096, text('salt'), text(''));
      e.chmod(text('sealed'), 0o640);
    },
    version,
  );
}
