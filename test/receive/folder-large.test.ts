import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { dendro } from '../harness/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { differences, fullStream, kernelStream, takeSnapshot, text } from './receive-harness.ts';

const MIB = 1 << 20;
/** The largest file that the receiver's filesystem is made to hold. */
const LIMIT = 4 * MIB;

/** What was beyond the limit used to be lost: reported, and in no sidecar. */
describeKernel('files that are larger than a file can be there', () => {
  let source: TestBtrfs;
  let target: TestBtrfs;
  const at = (name: string) => `${source.dir}/${name}`;
  const plain = () => `${target.dir}/plain`;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 512 });
    target = makeBtrfs({ sizeMiB: 1024 });
    run('mkdir', [plain()]);
    run('btrfs', ['subvolume', 'create', at('live')]);
    const random = new Random(3);
    for (const name of ['big', 'shrinks', 'goes', 'fits']) {
      writeFileSync(at(`live/${name}`), random.bytes(name === 'fits' ? MIB : 11 * MIB));
    }
    run('bash', ['-c', 'cd "$1"; ln big link; fallocate -p -o 6M -l 1M big', 'x', at('live')]);
    takeSnapshot(at('live'), at('one'));
    run('bash', ['-c', CHANGES, 'edit', at('live')]);
    takeSnapshot(at('live'), at('two'));
  });
  afterAll(() => {
    source.close();
    target.close();
  });

  const receivePlain = (stream: Uint8Array): string =>
    run(
      'bash',
      ['-c', `ulimit -f ${LIMIT / 1024}; exec "$@"`, 'x', dendro, 'receive', ...PLAIN, plain()],
      {
        input: stream,
      },
    ).stderr;

  const expectRestored = (name: string): void => {
    const stream = run(dendro, ['send', '-q', '--plain', `${plain()}/${name}`]).stdout;
    const back = `${target.dir}/back-${name}`;
    run('mkdir', [back]);
    run('btrfs', ['receive', '-q', back], { input: stream });
    expect(differences(at(name), `${back}/${name}`, { except: ['flags'] })).toEqual([]);
  };

  test('are kept in parts, go through an increment, and come back whole', () => {
    const said = receivePlain(kernelStream(at('one')));
    expect(said).toContain('big: the end of a file');
    expect(statSync(`${plain()}/one/big`).size).toBeLessThanOrEqual(LIMIT);
    const parts = readdirSync(`${plain()}/one.dendro.parts`);
    expect(parts.length).toBeGreaterThanOrEqual(6);
    receivePlain(kernelStream(at('two'), '--proto', '2', '-p', at('one')));
    for (const name of ['one', 'two']) expectRestored(name);
    // What was deleted or has shrunk left no part.
    const ids = new Set(
      readdirSync(`${plain()}/two.dendro.parts`).map((name) => name.split('.')[0]),
    );
    const larges = readFileSync(`${plain()}/two.dendro.jsonl`, 'utf8').match(/"large":\[\d+/g);
    expect(ids.size).toBe(new Set(larges).size);
  });

  test('a kill in the middle of one: goes on there', () => {
    const stream = fullStream('cut', (e) => {
      e.mkfile(text('file'), 1);
      for (let i = 0; i < 400; i += 1)
        e.write(text('file'), i * 32_768, new Random(i).bytes(32_768));
    });
    const cut = stream.subarray(0, stream.length - 100_000);
    run(
      'bash',
      ['-c', `ulimit -f ${LIMIT / 1024}; exec "$@"`, 'x', dendro, 'receive', ...PLAIN, plain()],
      {
        ...{ input: cut, accept: [1] },
      },
    );
    expect(receivePlain(stream)).toContain('going on at command 398');
    const restored = run(dendro, ['send', '-q', '--plain', `${plain()}/cut`]).stdout;
    run('btrfs', ['receive', '-q', target.dir], { input: restored });
    const want = Buffer.concat(Array.from({ length: 400 }, (_, i) => new Random(i).bytes(32_768)));
    expect(readFileSync(`${target.dir}/cut/file`).equals(want)).toBe(true);
  });

  test('one of which not even parts can be kept is reported, and the rest is received', () => {
    const stream = fullStream('far', (e) => {
      e.mkfile(text('file'), 1);
      e.write(text('file'), 40 * MIB, text('far out'));
      e.mkfile(text('next'), 2);
    });
    expect(receivePlain(stream)).toContain('file: content (the file is too large');
    expect(readdirSync(`${plain()}/far`).sort()).toEqual(['file', 'next']);
  });

  test('without a limit nothing is split', () => {
    const into = `${target.dir}/free`;
    run('mkdir', [into]);
    receiveFolder({ source: bytesSource(kernelStream(at('one'))), target: into });
    expect(statSync(`${into}/one/big`).size).toBe(11 * MIB);
    expect(readdirSync(into).sort()).toEqual(['one', 'one.dendro.jsonl']);
  });
});

const PLAIN = ['--plain'];

const CHANGES = `
  cd "$1"
  printf changed | dd of=big bs=1 seek=9000000 conv=notrunc status=none
  cp --reflink=always big copy
  fallocate -p -o 3M -l 2M big; head -c 3000000 /dev/urandom >> big
  truncate -s 1M shrinks; rm goes; mv link moved
  cat fits fits fits fits fits fits > grows; truncate -s 20M grows
`;
