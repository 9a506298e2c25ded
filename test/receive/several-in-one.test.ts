import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { receive, receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource } from '../../main/engine/stream/decode-source.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { FOREIGN, mountForeign, sendBack } from './foreign-filesystem.ts';
import { changesOfReceive } from './kill-receive.ts';
import {
  differences,
  errorOf,
  fullStream,
  goingOn,
  kernelStream,
  streamOf,
  takeSnapshot,
  text,
} from './receive-harness.ts';

/** Of the changes of the whole receive, those before which it is killed. */
const KILLS = [0.2, 0.45, 0.55, 0.8, 0.97];

// The first of them was in the way: what the second had left could never be gone on with.
describeKernel('several snapshots in one stream, interrupted', () => {
  let source: TestBtrfs;
  let target: TestBtrfs;
  let stream: Buffer;
  const at = (name: string): string => `${source.dir}/${name}`;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 512 });
    target = makeBtrfs({ sizeMiB: 1024 });
    run('btrfs', ['subvolume', 'create', at('live')]);
    fillTree(at('live'), { files: 20 });
    takeSnapshot(at('live'), at('one'));
    run('mv', [at('live/tree'), at('live/moved')]);
    fillTree(at('live/links'), { files: 10, seed: 2 });
    takeSnapshot(at('live'), at('two'));
    stream = Buffer.concat([kernelStream(at('one')), kernelStream(at('two'), '-p', at('one'))]);
  });
  afterAll(() => {
    source.close();
    target.close();
  });

  /** Kills it at each of `KILLS`, and receives the same again. */
  function interrupt(top: string, isPlain: boolean, look: (dir: string, name: string) => string) {
    const file = `${source.dir}/stream`;
    writeFileSync(file, stream);
    const place = (name: string): string => {
      mkdirSync(`${top}/${name}`);
      return `${top}/${name}`;
    };
    const changes = changesOfReceive({ stream: file, isPlain, target: place('calm'), killAt: 0 })!;
    const passed: string[] = [];
    for (const share of KILLS) {
      const dir = place(`${share}`);
      const killAt = Math.floor(changes * share);
      expect(changesOfReceive({ stream: file, isPlain, target: dir, killAt })).toBeUndefined();
      const request = { source: bytesSource(stream), target: dir };
      const hooks = {
        onPassedOver: (name: Uint8Array) => void passed.push(Buffer.from(name).toString()),
      };
      goingOn(() => (isPlain ? receiveFolder(request, hooks) : receive(request, hooks)));
      for (const name of ['one', 'two']) {
        const found = differences(at(name), look(dir, name), { except: ['flags', 'holes'] });
        expect([share, name, ...found]).toEqual([share, name]);
      }
      expect(readdirSync(dir).filter((name) => name.startsWith('.'))).toEqual([]);
    }
    expect(new Set(passed)).toEqual(new Set(['one']));
  }

  test('onto btrfs: goes on in the one that it came to', { timeout: 240_000 }, () => {
    interrupt(target.dir, false, (dir, name) => `${dir}/${name}`);
  });

  test('onto ext4: goes on in the one that it came to', { timeout: 240_000 }, () => {
    const disk = mountForeign(FOREIGN[0]!);
    try {
      let count = 0;
      interrupt(disk.dir, true, (dir, name) => {
        const back = `${target.dir}/back-${count++}`;
        sendBack(`${dir}/${name}`, back);
        return `${back}/${name}`;
      });
    } finally {
      disk.close();
    }
  });

  // Between two of them nothing told that a run had been interrupted: the first was in the way.
  test(
    'into a plain folder, at each change about the end of the first',
    { timeout: 240_000 },
    () => {
      const top = `${source.dir}/plain`;
      mkdirSync(top);
      const other = Buffer.alloc(16, 9);
      const small = Buffer.concat([
        fullStream('one', (e) => e.mkfile(text('a'), 1)),
        streamOf((e) => {
          e.subvol(text('two'), other, 8);
          e.mkfile(text('b'), 1);
          e.end();
        }),
      ]);
      const file = `${top}/stream`;
      writeFileSync(file, small);
      mkdirSync(`${top}/calm`);
      const job = { stream: file, isPlain: true };
      const changes = changesOfReceive({ ...job, target: `${top}/calm`, killAt: 0 })!;
      for (let killAt = Math.floor(changes * 0.3); killAt < changes * 0.7; killAt += 1) {
        const target = `${top}/${killAt}`;
        mkdirSync(target);
        expect(changesOfReceive({ ...job, target, killAt })).toBeUndefined();
        expect([
          killAt,
          errorOf(() => receiveFolder({ source: bytesSource(small), target })),
        ]).toEqual([killAt, { kind: 'none', code: 'none', message: 'it passed' }]);
        expect(readdirSync(target).sort()).toEqual(readdirSync(`${top}/calm`).sort());
      }
    },
  );

  // What told of the interruption went when the second could not begin: the first was in the way.
  test.each([false, true])(
    'cut off, and again, in the command that begins the second; into a plain folder: %j',
    (isPlain) => {
      const top = `${target.dir}/cut-${isPlain}`;
      mkdirSync(top);
      const cut = stream.subarray(0, kernelStream(at('one')).length + 40);
      const got = (bytes: Uint8Array): unknown => {
        const request = { source: bytesSource(bytes), target: top };
        return errorOf(() => (isPlain ? receiveFolder(request) : receive(request)));
      };
      expect(got(cut)).toMatchObject({ code: 'stream-cut-short' });
      expect(readdirSync(top)).toContain('one');
      expect(got(cut)).toMatchObject({ code: 'stream-cut-short' });
      expect(got(stream)).toMatchObject({ kind: 'none' });
      const back = isPlain ? `${target.dir}/cut-back` : top;
      if (isPlain) sendBack(`${top}/two`, back);
      const found = differences(at('two'), `${back}/two`, { except: ['flags', 'holes'] });
      expect(found).toEqual([]);
      expect(readdirSync(top).filter((name) => name.startsWith('.'))).toEqual([]);
    },
  );

  // "There is already something of this name" was all that was said: of the first.
  test.each([false, true])('killed at the end of the last: %j', { timeout: 240_000 }, (isPlain) => {
    const top = `${target.dir}/last-${isPlain}`;
    const file = `${source.dir}/small-stream`;
    const small = Buffer.concat(
      [5, 6].map((byte) =>
        streamOf((e) => {
          e.subvol(text(`number-${byte}`), Buffer.alloc(16, byte), byte);
          e.mkfile(text('file'), 1);
          e.end();
        }),
      ),
    );
    writeFileSync(file, small);
    const place = (name: string): string => {
      mkdirSync(`${top}/${name}`, { recursive: true });
      return `${top}/${name}`;
    };
    const changes = changesOfReceive({ stream: file, isPlain, target: place('calm'), killAt: 0 })!;
    const codes = new Set<string>();
    for (let killAt = changes - 16; killAt <= changes; killAt += 1) {
      const dir = place(`${killAt}`);
      changesOfReceive({ stream: file, isPlain, target: dir, killAt });
      if (readdirSync(dir).includes('number-6')) continue;
      const request = { source: bytesSource(small), target: dir };
      codes.add(errorOf(() => (isPlain ? receiveFolder(request) : receive(request))).code);
      expect(readdirSync(dir)).toContain('number-6');
    }
    codes.delete('none');
    expect([...codes]).toEqual(['already-received']);
  });

  describe('what has the name of the first', () => {
    const again = (dir: string): unknown =>
      errorOf(() => receive({ source: bytesSource(stream), target: dir }));

    test('is told at once where nothing was interrupted', () => {
      const dir = `${target.dir}/whole`;
      mkdirSync(dir);
      receive({ source: bytesSource(stream), target: dir });
      const { length } = stream;
      let read = 0;
      const source = bytesSource(stream);
      const counted = {
        read: (into: Buffer, offset: number, wanted: number): number => {
          const count = source.read(into, offset, Math.min(wanted, 4096));
          read += count;
          return count;
        },
      };
      const error = errorOf(() => receive({ source: counted, target: dir }));
      expect(error).toMatchObject({ code: 'exists' });
      expect(read).toBeLessThan(length / 10);
    });

    test('stays an error when it is another snapshot', () => {
      const dir = `${target.dir}/other`;
      mkdirSync(dir);
      run('btrfs', ['subvolume', 'create', `${dir}/one`]);
      mkdirSync(`${dir}/.dendro-receive`, { mode: 0o700 });
      expect(again(dir)).toMatchObject({ code: 'exists' });
      expect(readdirSync(dir)).toEqual(['one']);
    });

    test('is the end of it where nothing comes behind', () => {
      const dir = `${target.dir}/alone`;
      mkdirSync(dir);
      receive({ source: bytesSource(stream), target: dir });
      mkdirSync(`${dir}/.dendro-receive`, { mode: 0o700 });
      expect(again(dir)).toMatchObject({ code: 'exists' });
      expect(readdirSync(dir).sort()).toEqual(['one', 'two']);
    });
  });
});

describeKernel('the same snapshot twice in one stream', () => {
  // The first was held still, and "another receive of the same stream" was said to run.
  test('into a plain folder: the first is there, and that is told', () => {
    const disk = mountForeign(FOREIGN[0]!);
    try {
      const once = fullStream('one', (e) => e.mkfile(text('file'), 1));
      const source = bytesSource(Buffer.concat([once, once]));
      const found = errorOf(() => receiveFolder({ source, target: disk.dir }));
      expect([found.code, ...readdirSync(`${disk.dir}/one`)]).toEqual(['exists', 'file']);
      expect(readdirSync(disk.dir).filter((name) => name.startsWith('.dendro'))).toEqual([]);
    } finally {
      disk.close();
    }
  });
});
