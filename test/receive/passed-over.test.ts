// A stream that comes again is passed over up to where an earlier run had come. What happens while
// that goes on had never been tried.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { RUN_FOLDER } from '../../main/linux/run-folder.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { errorOf, fullStream, receiveBytes, text } from './receive-harness.ts';
import { openBelow } from './plain-canaries.ts';

const whole = fullStream('s', (e) => {
  for (let i = 0; i < 100; i += 1) e.mkfile(text(`file ${i}`), i + 300);
});
const cutAt = (share: number): Uint8Array => whole.subarray(0, Math.floor(whole.length * share));
/** The same up to its end, which comes earlier. */
const shorter = fullStream('s', (e) => {
  for (let i = 0; i < 50; i += 1) e.mkfile(text(`file ${i}`), i + 300);
});

interface Into {
  readonly dir: string;
  /** The command that it goes on at. */
  receive(stream: Uint8Array, options?: { endOptional?: boolean }): number;
  /** Only what is on the drive is known from here on. */
  restart(): void;
}

const END_BYTES = 10;
const knownPages = (): string[] => (existsSync(RUN_FOLDER) ? readdirSync(RUN_FOLDER) : []);

describe('a plain folder', () => {
  casesOf(() => {
    const dir = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
    onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
    const before = knownPages();
    return {
      dir,
      receive: (stream, options = {}) => {
        let at = 0;
        const request = { source: bytesSource(stream), target: dir, ...options };
        receiveFolder(request, { onResume: (command) => (at = command) });
        return at;
      },
      restart: () => {
        const made = knownPages().filter((name) => !before.includes(name));
        for (const name of made) rmSync(join(RUN_FOLDER, name));
      },
    };
  });
});

describeKernel('btrfs', () => {
  let volume: TestBtrfs;
  let count = 0;
  beforeAll(() => void (volume = makeBtrfs({ sizeMiB: 256 })));
  afterAll(() => volume.close());
  casesOf(() => {
    const dir = `${volume.dir}/${(count += 1)}`;
    mkdirSync(dir);
    return {
      dir,
      receive: (stream, options = {}) => {
        let at = 0;
        receiveBytes(stream, dir, options, { onResume: (command) => (at = command) });
        return at;
      },
      restart: () => volume.remount(),
    };
  });
});

function casesOf(make: () => Into): void {
  // It ended as a defect of Dendro, and what was left stayed open until the process ended.
  test('a stream that ends earlier than it did before', () => {
    const { receive, dir } = make();
    expect(errorOf(() => receive(cutAt(0.9))).code).toBe('stream-cut-short');
    expect(errorOf(() => receive(shorter)).code).toBe('leftover-differs');
    expect(openBelow(dir)).toEqual([]);
    expect(receive(shorter)).toBe(0);
    expect(readdirSync(`${dir}/s`)).toHaveLength(50);
  });

  // What the earlier run had was taken for what came, and called whole.
  test('a stream without an END that ends earlier', () => {
    const { receive, dir } = make();
    expect(errorOf(() => receive(cutAt(0.9))).code).toBe('stream-cut-short');
    const bare = shorter.subarray(0, shorter.length - END_BYTES);
    expect(errorOf(() => receive(bare, { endOptional: true })).code).toBe('leftover-differs');
    expect(existsSync(`${dir}/s`)).toBe(false);
  });

  test('a stream without an END that had come whole', () => {
    const { receive, dir } = make();
    const bare = whole.subarray(0, whole.length - END_BYTES);
    expect(errorOf(() => receive(bare)).code).toBe('stream-cut-short');
    expect(receive(bare, { endOptional: true })).toBe(101);
    expect(readdirSync(`${dir}/s`)).toHaveLength(100);
  });

  // The hash over the part that was passed over was written down as that over all.
  test('a second interruption, and then a power cut', () => {
    const { receive, restart, dir } = make();
    expect(errorOf(() => receive(cutAt(0.9))).code).toBe('stream-cut-short');
    expect(errorOf(() => receive(cutAt(0.5))).code).toBe('stream-cut-short');
    restart();
    expect(receive(whole)).toBeGreaterThan(80);
    expect(readdirSync(`${dir}/s`)).toHaveLength(100);
  });
}
