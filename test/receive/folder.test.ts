import { spawn } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import type { Proof } from '../../main/engine/proof/compare-snapshots.ts';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textFromBytes } from '../../shared/model/bytes-text.ts';
import { receiveFolder } from '../../main/engine/receive.ts';
import { bytesSource, type ByteSource } from '../../main/engine/stream/decode-source.ts';
import { fillTree } from '../harness/fill.ts';
import { dendro } from '../harness/dendro.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { FOREIGN, missingTool, mountForeign, sendBack } from './foreign-filesystem.ts';
import {
  differences,
  errorOf,
  fullStream,
  kernelStream,
  streamOf,
  takeSnapshot,
  text,
  UUID,
} from './receive-harness.ts';

/** Streams of the kernel do not carry file flags. */
const SENT = { except: ['flags' as const] };

/** Thirty levels of 250 bytes, with a name at the top that a temporary one could take. */
const MAKE_DEEP = `cd "$1"; touch deep-1; for i in $(seq 30); do
  n=$(printf "%0250d" $i); mkdir $n; cd $n; echo $i > file; ln file link; mkdir -m 700 sub; done`;
const CHANGE_DEEP = `cd "$1"; for i in $(seq 30); do cd $(printf "%0250d" $i); done
  echo more >> file; rm link; mv sub bus; touch -d 2001-02-03 bus`;

/** All that tar sees, which goes down folder by folder. */
function listingOf(dir: string): string {
  const options = ['--sort=name', '--format=posix', '--pax-option=delete=atime,delete=ctime'];
  const archive = run('tar', [...options, '-C', dir, '-cf', '-', '.']).stdout;
  return run('sha256sum', [], { input: archive }).stdout.toString();
}

describeKernel('plain folders', () => {
  let source: TestBtrfs;
  let target: TestBtrfs;
  let full: Buffer;
  let increment: Buffer;
  const at = (name: string) => `${source.dir}/${name}`;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 512 });
    target = makeBtrfs({ sizeMiB: 2048 });
    run('btrfs', ['subvolume', 'create', at('live')]);
    fillTree(at('live'), { files: 60 });
    takeSnapshot(at('live'), at('one'));
    change(at('live'));
    takeSnapshot(at('live'), at('two'));
    full = kernelStream(at('one'), '--proto', '2');
    increment = kernelStream(at('two'), '--proto', '2', '-p', at('one'));
  });
  afterAll(() => {
    source.close();
    target.close();
  });

  for (const foreign of FOREIGN) {
    const missing = missingTool(foreign);
    describe.skipIf(missing !== undefined)(`${foreign.name} ${missing ?? ''}`, () => {
      let disk: { dir: string; close: () => void };
      beforeAll(() => {
        disk = mountForeign(foreign);
      });
      afterAll(() => disk.close());

      test('a snapshot and an increment; both come back onto btrfs as they were', () => {
        const first = receiveFolder({ source: bytesSource(full), target: disk.dir });
        expect(first.folders[0]!.isExact).toBe(true);
        receiveFolder({ source: bytesSource(increment), target: disk.dir });
        const back = `${target.dir}/from-${foreign.name}`;
        const holes = foreign.isPosix ? [] : (['holes'] as const);
        for (const name of ['one', 'two']) {
          sendBack(`${disk.dir}/${name}`, back);
          const except = { except: [...SENT.except, ...holes] };
          expect(differences(at(name), `${back}/${name}`, except)).toEqual([]);
        }
      });

      test('is proved against its source, and against the record of it', () => {
        const proofOf = (...words: string[]): Proof => {
          const args = ['verify', '--json', ...words, `${disk.dir}/two`];
          return JSON.parse(run(dendro, args, { accept: [0, 1] }).stdout.toString()) as Proof;
        };
        expect(proofOf('--against', at('two'))).toMatchObject({ isSame: true, differences: [] });
        if (foreign === FOREIGN[0]) {
          const record = `${target.dir}/record`;
          writeFileSync(record, run(dendro, ['verify', '--record', at('two')]).stdout);
          expect(proofOf('--with-record', record)).toMatchObject({ isSame: true, differences: [] });
        }
        const files = readdirSync(`${disk.dir}/two`, { recursive: true, withFileTypes: true });
        const file = files.find((one) => one.isFile() && one.name.length < 20)!;
        appendFileSync(`${file.parentPath}/${file.name}`, '!');
        expect(proofOf('--against', at('two')).differences.map(({ what }) => what)).toContain(
          'size',
        );
      });

      test('what the folder cannot keep is in the report, and no more than that', () => {
        const report = JSON.parse(
          readFileSync(`${disk.dir}/one.dendro.jsonl`, 'utf8').split('\n')[0]!,
        ) as { counts: Record<string, number> };
        expect(report.counts['device node']).toBeGreaterThan(0);
        if (!['ext4', 'xfs'].includes(foreign.name)) return;
        const ignored = differences(at('one'), `${disk.dir}/one`, {
          except: ['flags', 'holes', 'mode', 'xattrs'],
          limit: 1000,
        });
        expect(ignored.filter((line) => !/device|long-symlink/.test(line))).toEqual([]);
      });

      test('devices and set-id bits are not made unless asked for', () => {
        const stream = fullStream('rights', (e) => {
          e.mknod(text('null'), 1, 0o20666, 0x103);
          e.mkfile(text('su'), 2);
          e.chmod(text('su'), 0o4755);
        });
        receiveFolder({ source: bytesSource(stream), target: disk.dir });
        expect(existsSync(`${disk.dir}/rights/null`)).toBe(false);
        expect(statSync(`${disk.dir}/rights/su`).mode & 0o6000).toBe(0);
      });
    });
  }

  const exfat = FOREIGN.find(({ name }) => name === 'exfat')!;
  test.skipIf(missingTool(exfat))('exFAT: names that differ in case only, or cannot be', () => {
    const disk = mountForeign(exfat);
    try {
      const names = ['a', 'A', 'what?', 'co:lon', 'dot.', 'nul', '\xff\xfe', '100%'];
      const stream = fullStream('names', (e) => {
        e.mkdir(text('Dir'), 9);
        for (const name of names) {
          e.mkfile(text(`Dir/${name}`), 1);
          e.write(text(`Dir/${name}`), 0, text(name));
        }
        e.rename(text('Dir'), text('D:ir'));
        e.link(text('link'), text('D:ir/what?'));
        e.write(text('link'), 0, text('both'));
      });
      receiveFolder({ source: bytesSource(stream), target: disk.dir });
      sendBack(`${disk.dir}/names`, target.dir);
      const dir = `${target.dir}/names/D:ir`;
      const found = readdirSync(dir, 'latin1').sort();
      expect(found).toEqual([...names].sort());
      expect(readFileSync(`${dir}/A`, 'latin1')).toBe('A');
      expect(readFileSync(`${dir}/what?`, 'latin1')).toBe('both?'.slice(0, 5));
      expect(statSync(`${dir}/what?`).nlink).toBe(2);
    } finally {
      disk.close();
    }
  });

  test('a killed one is listed and cleared; one that runs is left alone', async () => {
    const disk = mountForeign(FOREIGN[0]!);
    const stream = fullStream('killed', (e) => e.mkfile(text('file'), 1));
    const leftovers = (...args: string[]) =>
      run(dendro, ['leftovers', ...args, disk.dir], { accept: [0, 1, 6] });
    const receiver = spawn(dendro, ['receive', '--plain', disk.dir], {
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    const isGone = new Promise((resolve) => receiver.on('close', resolve));
    try {
      receiver.stdin.write(stream.subarray(0, stream.length - 10));
      while (leftovers().status !== 0) await new Promise((resolve) => setTimeout(resolve, 20));
      expect(leftovers('--clean').stderr).toContain('busy');
      receiver.kill('SIGKILL');
      await isGone;
      expect(leftovers('--clean').stdout.toString()).toContain('killed');
      expect(leftovers().status).toBe(1);
      expect(readdirSync(disk.dir).filter((name) => name !== 'lost+found')).toEqual([]);
    } finally {
      receiver.kill('SIGKILL');
      disk.close();
    }
  });

  test('owners of another machine, mapped; a restore gives back the true ones', () => {
    const disk = mountForeign(FOREIGN.find(({ name }) => name === 'tmpfs')!);
    try {
      const stream = fullStream('owned', (e) => {
        for (const [i, id] of [1000, 1001, 7].entries()) {
          e.mkfile(text(`file${id}`), i + 1);
          e.chown(text(`file${id}`), id, id);
        }
      });
      const maps = ['--map-user', '1000:nobody', '--map-user', '1001:42', '--map-group', '1000:43'];
      run(dendro, ['receive', '-q', '--plain', ...maps, disk.dir], { input: stream });
      const owners = (dir: string): string[] =>
        [1000, 1001, 7].map((id) => {
          const { uid, gid } = statSync(`${dir}/owned/file${id}`);
          return `${uid}:${gid}`;
        });
      expect(owners(disk.dir)).toEqual(['65534:43', '42:1001', '7:7']);
      sendBack(`${disk.dir}/owned`, `${target.dir}/owners`);
      expect(owners(`${target.dir}/owners`)).toEqual(['1000:1000', '1001:1001', '7:7']);
      const bad = run(dendro, ['receive', '--plain', '--map-user', '1:nobody-here', disk.dir], {
        ...{ input: stream, accept: [1] },
      });
      expect(bad.stderr).toContain('bad-option');
    } finally {
      disk.close();
    }
  });

  test('without root: files and folders that even their owner may not enter', () => {
    const disk = mountForeign(FOREIGN.find(({ name }) => name === 'tmpfs')!);
    chmodSync(disk.dir, 0o777);
    letThrough(dirname(disk.dir));
    const first = fullStream('one', (e) => {
      e.mkdir(text('shut'), 1);
      e.mkfile(text('shut/file'), 2);
      e.write(text('shut/file'), 0, text('inside'));
      e.chmod(text('shut/file'), 0);
      e.chmod(text('shut'), 0);
    });
    const next = streamOf((e) => {
      e.snapshot(text('two'), Buffer.alloc(16, 5), 8, UUID, 7);
      e.write(text('shut/file'), 0, text('INSIDE'));
      e.rename(text('shut'), text('moved'));
      e.end();
    });
    try {
      asNobody(() => {
        receiveFolder({ source: bytesSource(first), target: disk.dir });
        receiveFolder({ source: bytesSource(next), target: disk.dir });
      });
      for (const path of ['one/shut', 'one/shut/file', 'two/moved', 'two/moved/file']) {
        expect(statSync(`${disk.dir}/${path}`).mode & 0o777).toBe(0);
      }
      expect(readFileSync(`${disk.dir}/two/moved/file`, 'utf8')).toBe('INSIDE');
    } finally {
      disk.close();
    }
  });

  test('a name too long for the file that is kept beside it is refused before anything is written', () => {
    const disk = mountForeign(FOREIGN[2]!);
    try {
      const named = (length: number): ByteSource =>
        bytesSource(fullStream('n'.repeat(length), (e) => e.mkfile(text('file'), 1)));
      const error = errorOf(() => receiveFolder({ source: named(243), target: disk.dir }));
      expect(error).toMatchObject({ kind: 'Conflict', code: 'name-too-long' });
      expect(readdirSync(disk.dir)).toEqual([]);
      receiveFolder({ source: named(242), target: disk.dir });
      expect(readdirSync(disk.dir)).toHaveLength(2);
    } finally {
      disk.close();
    }
  });

  test('a snapshot whose name is no UTF-8 comes back, too', () => {
    const disk = mountForeign(FOREIGN[2]!);
    try {
      const stream = fullStream('caf\xe9', (e) => e.mkfile(text('file'), 1));
      receiveFolder({ source: bytesSource(stream), target: disk.dir });
      sendBack(`${disk.dir}/${textFromBytes(text('caf\xe9'))}`, target.dir);
      expect(readdirSync(target.dir, 'latin1')).toContain('caf\xe9');
    } finally {
      disk.close();
    }
  });

  test('paths longer than any system call takes: an increment, the proof, and back onto btrfs', () => {
    run('bash', ['-c', MAKE_DEEP, 'bash', at('live')]);
    takeSnapshot(at('live'), at('deep'));
    run('bash', ['-c', CHANGE_DEEP, 'bash', at('live')]);
    takeSnapshot(at('live'), at('deeper'));
    const disk = mountForeign(FOREIGN[0]!);
    try {
      for (const words of [[at('deep')], ['-p', at('deep'), at('deeper')]]) {
        const input = run(dendro, ['send', ...words]).stdout;
        run(dendro, ['receive', '--plain', disk.dir], { input });
      }
      for (const name of ['deep', 'deeper']) {
        run(dendro, ['verify', '--against', at(name), `${disk.dir}/${name}`]);
        const input = run(dendro, ['send', '--plain', `${disk.dir}/${name}`]).stdout;
        for (const receiver of [dendro, 'btrfs']) {
          const into = `${target.dir}/from-deep-by-${receiver === dendro ? 'dendro' : 'btrfs'}`;
          run('mkdir', ['-p', into]);
          run(receiver, ['receive', into], { input });
          expect(listingOf(`${into}/${name}`)).toBe(listingOf(at(name)));
        }
      }
    } finally {
      disk.close();
    }
  });

  // The flags were written into a stream of version 1, which no receiver takes with them.
  test('inode flags come back through a stream, by which version 1 stays without them', () => {
    const disk = mountForeign(FOREIGN[0]!);
    const made = (name: string, flags: number) =>
      fullStream(
        name,
        (e) => {
          e.mkfile(text('file'), 1);
          if (flags > 0) e.fileattr(text('file'), flags);
          e.write(text('file'), 0, Buffer.alloc(9000, 1));
        },
        2,
      );
    const nodatacow = 0x3;
    try {
      for (const [name, flags] of [
        ['flagged', nodatacow],
        ['plain', 0],
      ] as const) {
        receiveFolder({ source: bytesSource(made(name, flags)), target: disk.dir });
      }
      const back = (name: string, ...words: string[]) =>
        run(dendro, ['send', ...words, '--plain', `${disk.dir}/${name}`]);
      const into = `${target.dir}/flags`;
      run('mkdir', [into]);
      run(dendro, ['receive', into], { input: back('flagged').stdout });
      expect(run('lsattr', [`${into}/flagged/file`]).stdout.toString()).toMatch(/^-*C-* /);
      run('btrfs', ['subvolume', 'delete', `${into}/flagged`]);
      const { stdout, stderr } = back('flagged', '--proto', '1');
      expect(stderr.toString()).toContain('inode flags');
      for (const [receiver, input] of [
        ['btrfs', stdout],
        [dendro, back('plain').stdout],
      ] as const) {
        expect(input.readUInt32LE(13)).toBe(1);
        run(receiver, ['receive', into], { input });
      }
    } finally {
      disk.close();
    }
  });

  const ntfs = FOREIGN.find(({ name }) => name === 'ntfs')!;
  test.skipIf(missingTool(ntfs))('holes come back where the target does not tell them', () => {
    const stream = fullStream('sparse', (e) => {
      e.mkfile(text('file'), 1);
      for (const at of [0, 0.25, 0.75]) e.write(text('file'), at * 2 ** 30, Buffer.alloc(4096, 7));
      e.truncate(text('file'), 2 ** 30);
    });
    const disk = mountForeign(ntfs);
    try {
      receiveFolder({ source: bytesSource(stream), target: disk.dir });
      const back = run(dendro, ['send', '--plain', `${disk.dir}/sparse`]).stdout;
      expect(back.length).toBeLessThan(2 ** 20);
      run(dendro, ['receive', target.dir], { input: back });
      const { size, blocks } = statSync(`${target.dir}/sparse/file`);
      expect([size, blocks * 512 < 2 ** 20]).toEqual([2 ** 30, true]);
      run('cmp', [`${disk.dir}/sparse/file`, `${target.dir}/sparse/file`]);
    } finally {
      disk.close();
    }
  });

  // All of it was read, to find out what of it is a hole: a tebibyte took a quarter of an hour.
  test.skipIf(missingTool(ntfs))('a hole of terabytes costs nothing where it is not told', () => {
    const [size, middle] = [2 ** 42, 2 ** 41];
    const times = Buffer.alloc(48);
    for (const at of [0, 12, 24, 36]) times.writeUInt32LE(1_600_000_000, at);
    const full = fullStream('huge', (e) => {
      e.mkfile(text('file'), 1);
      e.write(text('file'), 0, Buffer.alloc(4096, 1));
      e.write(text('file'), middle, Buffer.alloc(40_000, 2));
      e.truncate(text('file'), size);
      e.utimes(text('file'), times, false);
      e.utimes(text(''), times, false);
    });
    const next = streamOf((e) => {
      e.snapshot(text('huger'), Buffer.alloc(16, 9), 8, UUID, 7);
      e.write(text('file'), 2 ** 40, Buffer.alloc(4096, 3));
      e.utimes(text('file'), times, false);
      e.end();
    });
    const disk = mountForeign(ntfs);
    try {
      const began = performance.now();
      for (const stream of [full, next]) {
        receiveFolder({ source: bytesSource(stream), target: disk.dir });
      }
      sendBack(`${disk.dir}/huger`, `${target.dir}/huge-back`);
      expect(performance.now() - began).toBeLessThan(20_000);
      const back = `${target.dir}/huge-back/huger/file`;
      expect(statSync(back).size).toBe(size);
      const at = (offset: number): number[] => {
        const bytes = Buffer.alloc(2);
        const fd = openSync(back, 'r');
        readSync(fd, bytes, 0, 2, offset);
        closeSync(fd);
        return [...bytes];
      };
      expect([0, 4095, 2 ** 40, middle, middle + 39_999].map(at)).toEqual([
        [1, 1],
        [1, 0],
        [3, 3],
        [2, 2],
        [2, 0],
      ]);
      // Whoever changes the file makes what is remembered of it worthless.
      const fd = openSync(`${disk.dir}/huge/file`, 'r+');
      ftruncateSync(fd, 2 ** 27);
      writeSync(fd, 'data', 2 ** 26);
      closeSync(fd);
      const changed = run(dendro, ['send', '--plain', `${disk.dir}/huge`]).stdout;
      expect(changed.includes('data')).toBe(true);
    } finally {
      disk.close();
    }
  });

  test('an increment without the tree it builds on is refused', () => {
    const disk = mountForeign(FOREIGN[2]!);
    try {
      const error = errorOf(() =>
        receiveFolder({ source: bytesSource(increment), target: disk.dir }),
      );
      expect(error).toMatchObject({ kind: 'Conflict', code: 'parent-missing' });
      expect(readdirSync(disk.dir)).toEqual([]);
    } finally {
      disk.close();
    }
  });
});

const NOBODY = 65534;

/** Root's rights are back however it ends: only then can the disk be taken away. */
function asNobody(run: () => void): void {
  process.setegid!(NOBODY);
  process.seteuid!(NOBODY);
  try {
    run();
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
  }
}

/** `npm test` gives each run a private folder for temporary files: nobody could pass through it. */
function letThrough(dir: string): void {
  for (let at = dir; at !== '/'; at = dirname(at)) {
    const mode = statSync(at).mode & 0o7777;
    if ((mode & 0o001) === 0) chmodSync(at, mode | 0o111);
  }
}

function change(dir: string): void {
  const commands = `
    cd "$1"
    mv tree tree-moved; mkdir tree; mv tree-moved tree/below
    for f in $(find tree -type f | sort | head -20); do echo more >> "$f"; done
    for f in $(find tree -type f | sort | tail -10); do rm "$f"; done
    rm -r names/empty; chmod 4711 $(find tree -type f | head -1); ln -s nowhere newlink
  `;
  run('bash', ['-c', commands, 'edit', dir], { accept: [0, 1] });
}
