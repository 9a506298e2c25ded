import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dendro } from '../harness/dendro.ts';
import { onPath } from '../harness/kernel.ts';
import { run } from '../harness/run.ts';
import { everyCommand } from './every-command.ts';
import { streamOf, text, UUID } from './receive-harness.ts';

describe.skipIf(!onPath('btrfs'))('receive --dump', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-dump-`));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const streams: readonly (readonly [string, () => Uint8Array])[] = [
    ['every command of version 1', () => everyCommand(1)],
    ['every command of version 2', () => everyCommand(2)],
    ['an increment', increment],
    [
      'two streams, of which the first is shown',
      () => Buffer.concat([increment(), everyCommand(1)]),
    ],
  ];
  test.each(streams)('%s: the lines of the stock tool, byte for byte', (_, make) => {
    const file = join(folder, 'stream');
    writeFileSync(file, make());
    for (const TZ of ['UTC', 'America/New_York']) {
      const lines = (tool: string): Buffer =>
        run(tool, ['receive', '--dump', '-f', file], { env: { TZ } }).stdout;
      expect(lines(dendro).toString('latin1')).toBe(lines('btrfs').toString('latin1'));
    }
  });

  // The advice was to run the same again, which would end at the same place.
  test('of a stream that is cut short: another copy is needed', () => {
    const file = join(folder, 'cut');
    writeFileSync(file, everyCommand(1).subarray(0, 200));
    const { stderr } = run(dendro, ['receive', '--dump', '-f', file], { accept: [1] });
    expect(stderr.toString()).toContain('take another copy of the stream file');
    expect(stderr.toString()).not.toContain('the same again');
  });
});

function increment(): Uint8Array {
  return streamOf((e) => {
    e.snapshot(text('s\xc3\xa9 q'), UUID, 7, Buffer.alloc(16, 9), 2 ** 50);
    e.clone(text('x y'), 0, 1, UUID, 7, text('y z'), 0);
    e.end();
  });
}
