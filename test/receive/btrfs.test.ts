import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resumePoint, identityOf } from '../../main/engine/receive.ts';
import { isAsReceived } from '../../main/engine/sink/subvolume-finder.ts';
import { INODE_FLAG } from '../../main/engine/format/constants.ts';
import { fileExtents } from '../harness/extents.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import { getXattr } from '../harness/syscalls.ts';
import {
  differences,
  errorOf,
  fullStream,
  kernelStream,
  receiveBytes,
  streamOf,
  takeSnapshot,
  text,
  UUID,
} from './receive-harness.ts';

test('a copy that was made writable and changed is no parent, though its UUID says so', () => {
  const facts = { stransid: 5, ctransid: 20, rtransid: 20, changedAtMs: 0, receivedAtMs: 0 };
  expect(isAsReceived(facts, 5)).toBe(true);
  expect(isAsReceived(facts, 6)).toBe(false);
  // What the stock tool wrote may be placed a little later.
  expect(isAsReceived({ ...facts, ctransid: 21, changedAtMs: 30_000 }, 5)).toBe(true);
  expect(isAsReceived({ ...facts, ctransid: 21, changedAtMs: 3_600_000 }, 5)).toBe(false);
});

describeKernel('streams of the kernel into dendro receive', () => {
  let source: TestBtrfs;
  let target: TestBtrfs;
  const at = (name: string) => `${source.dir}/${name}`;
  const there = (name: string) => `${target.dir}/${name}`;
  beforeAll(() => {
    source = makeBtrfs({ sizeMiB: 512 });
    // Reads count here: a receive must not leave a trace of its own.
    target = makeBtrfs({ sizeMiB: 1024, mountOptions: 'relatime' });
    run('btrfs', ['subvolume', 'create', at('live')]);
    fillTree(at('live'));
    takeSnapshot(at('live'), at('one'));
    editTree(at('live'));
    takeSnapshot(at('live'), at('two'));
    run('btrfs', ['subvolume', 'create', at('little')]);
    writeFileSync(at('little/kept'), Buffer.alloc(300_000, 'kept'));
    takeSnapshot(at('little'), at('small'));
  });
  afterAll(() => {
    source.close();
    target.close();
  });

  test.each(['1', '2'])('version %s: a rich tree, then what changed in it', (proto) => {
    const dir = there(`v${proto}`);
    mkdirSync(dir);
    const options = { except: ['flags' as const, ...(proto === '1' ? ['holes' as const] : [])] };
    receiveBytes(kernelStream(at('one'), '--proto', proto), dir);
    expect(differences(at('one'), `${dir}/one`, options)).toEqual([]);
    receiveBytes(kernelStream(at('two'), '--proto', proto, '-p', at('one')), dir);
    expect(differences(at('two'), `${dir}/two`, options)).toEqual([]);
    expect(readdirSync(dir)).toEqual(['one', 'two']);
  });

  test('compressed extents passed through arrive compressed and right', () => {
    const dir = there('encoded');
    mkdirSync(dir);
    const stream = kernelStream(at('one'), '--proto', '2', '--compressed-data');
    receiveBytes(stream, dir);
    expect(differences(at('one'), `${dir}/one`, { except: ['flags'] })).toEqual([]);
    const plain = there('decoded');
    mkdirSync(plain);
    receiveBytes(stream, plain, { forceDecompress: true });
    expect(differences(at('one'), `${plain}/one`, { except: ['flags', 'holes'] })).toEqual([]);
  });

  test('the stock tool accepts what was received as a parent, and its UUIDs', () => {
    const dir = there('v1');
    const shown = runText('btrfs', ['subvolume', 'show', `${dir}/two`]);
    const original = runText('btrfs', ['subvolume', 'show', at('two')]);
    const uuid = /^\s*UUID:\s+(\S+)/m.exec(original)![1]!;
    expect(shown).toContain(`Received UUID: \t\t${uuid}`);
    expect(shown).toMatch(/Flags:\s+readonly/);
    takeSnapshot(at('live'), at('three'));
    const stream = kernelStream(at('three'), '-p', at('two'));
    run('btrfs', ['receive', '-q', dir], { input: stream });
    expect(differences(at('three'), `${dir}/three`, { except: ['flags', 'holes'] })).toEqual([]);
  });

  test('one whole stream after another', () => {
    const dir = there('several');
    mkdirSync(dir);
    const apart = Buffer.concat([
      kernelStream(at('one')),
      kernelStream(at('two'), '-p', at('one')),
    ]);
    const { snapshots } = receiveBytes(apart, dir);
    expect(snapshots.map(({ name }) => name.toString())).toEqual(['one', 'two']);
  });

  test('a parent that lies elsewhere, in a volume of which only one subvolume is mounted', () => {
    run('btrfs', ['subvolume', 'create', there('mounted-alone')]);
    target.remount('subvol=mounted-alone');
    try {
      receiveBytes(kernelStream(at('two'), '--proto', '2', '-p', at('one')), target.dir);
      expect(differences(at('two'), there('two'), { except: ['flags'] })).toEqual([]);
    } finally {
      target.remount();
    }
  });

  test('stopped in the middle: resumed at the command where it stopped', () => {
    const dir = there('cut');
    mkdirSync(dir);
    const stream = kernelStream(at('one'));
    const cut = stream.subarray(0, stream.length >> 1);
    expect(errorOf(() => receiveBytes(cut, dir))).toMatchObject({ code: 'stream-cut-short' });
    expect(readdirSync(dir)).toEqual(['.dendro-receive']);
    let resumed = 0;
    receiveBytes(stream, dir, {}, { onResume: (command) => (resumed = command) });
    expect(resumed).toBeGreaterThan(10);
    expect(differences(at('one'), `${dir}/one`, { except: ['flags', 'holes'] })).toEqual([]);
    expect(readdirSync(dir)).toEqual(['one']);
  });

  test('a bit flipped is found, and what was before it is gone on from', () => {
    const dir = there('flipped');
    mkdirSync(dir);
    const stream = kernelStream(at('one'));
    const bad = Buffer.from(stream);
    bad[stream.length >> 2]! ^= 4;
    expect(errorOf(() => receiveBytes(bad, dir))).toMatchObject({ kind: 'Corrupt' });
    receiveBytes(stream, dir);
    expect(differences(at('one'), `${dir}/one`, { except: ['flags', 'holes'] })).toEqual([]);
  });

  test('another stream under the same first command is not taken for the same', () => {
    const dir = there('other');
    mkdirSync(dir);
    const make = (names: string[], end: boolean) => {
      const stream = fullStream('s', (e) => names.forEach((name) => e.mkfile(text(name), 1)));
      return end ? stream : stream.subarray(0, stream.length - 30);
    };
    expect(errorOf(() => receiveBytes(make(['a', 'b', 'c', 'd'], false), dir)).code).toBe(
      'stream-cut-short',
    );
    const other = make(['a', 'X', 'c', 'd', 'e'], true);
    expect(errorOf(() => receiveBytes(other, dir)).code).toBe('leftover-differs');
    receiveBytes(other, dir);
    expect(readdirSync(`${dir}/s`)).toEqual(['X', 'a', 'c', 'd', 'e']);
  });

  test('no parent at the target, the name taken, not a stream: typed, and nothing left', () => {
    const dir = there('errors');
    mkdirSync(dir);
    const unknown = fullStream('gone', () => {});
    receiveBytes(unknown, dir);
    expect(errorOf(() => receiveBytes(unknown, dir))).toMatchObject({ code: 'exists' });
    expect(errorOf(() => receiveBytes(Buffer.alloc(0), dir))).toMatchObject({
      kind: 'Corrupt',
      code: 'not-a-stream',
    });
    expect(readdirSync(dir)).toEqual(['gone']);
    expect(resumePoint(dir, identityOf(text('x'), Buffer.alloc(16), 1))).toEqual({
      command: 0,
      isComplete: false,
    });
  });

  test('a parent that was made writable, or is not there, is refused by name', () => {
    const dir = there('parents');
    mkdirSync(dir);
    const next = kernelStream(at('two'), '-p', at('one'));
    const alone = makeBtrfs({ sizeMiB: 256 });
    try {
      expect(errorOf(() => receiveBytes(next, alone.dir)).code).toBe('parent-missing');
      receiveBytes(kernelStream(at('one')), alone.dir);
      run('btrfs', ['property', 'set', '-f', `${alone.dir}/one`, 'ro', 'false']);
      expect(errorOf(() => receiveBytes(next, alone.dir)).kind).toBe('Conflict');
      expect(readdirSync(alone.dir)).toEqual(['one']);
    } finally {
      alone.close();
    }
  });

  test('sent back to where the parent came from: the snapshot itself is the parent', () => {
    const [there2, back] = [makeBtrfs({ sizeMiB: 256 }), at('back')];
    mkdirSync(back);
    try {
      receiveBytes(kernelStream(at('small')), there2.dir);
      run('btrfs', ['subvolume', 'snapshot', `${there2.dir}/small`, `${there2.dir}/rw`]);
      writeFileSync(`${there2.dir}/rw/added`, 'x');
      run('cp', ['--reflink=always', `${there2.dir}/rw/kept`, `${there2.dir}/rw/twin`]);
      takeSnapshot(`${there2.dir}/rw`, `${there2.dir}/next`);
      const stream = kernelStream(`${there2.dir}/next`, '-p', `${there2.dir}/small`);
      receiveBytes(stream, back);
      expect(differences(`${there2.dir}/next`, `${back}/next`, { except: ['flags'] })).toEqual([]);
    } finally {
      there2.close();
    }
  });

  test('a third machine that has the parent from its origin: by UUID alone, if told so', () => {
    const [middle, third] = [makeBtrfs({ sizeMiB: 256 }), makeBtrfs({ sizeMiB: 256 })];
    try {
      run('btrfs', ['subvolume', 'create', `${middle.dir}/other`]);
      run('btrfs', ['filesystem', 'sync', middle.dir]);
      for (const { dir } of [middle, third]) receiveBytes(kernelStream(at('small')), dir);
      run('btrfs', ['subvolume', 'snapshot', `${middle.dir}/small`, `${middle.dir}/rw`]);
      writeFileSync(`${middle.dir}/rw/added`, 'x');
      run('cp', ['--reflink=always', `${middle.dir}/rw/kept`, `${middle.dir}/rw/twin`]);
      takeSnapshot(`${middle.dir}/rw`, `${middle.dir}/next`);
      const stream = kernelStream(`${middle.dir}/next`, '-p', `${middle.dir}/small`);
      expect(errorOf(() => receiveBytes(stream, third.dir)).code).toBe('parent-changed');
      receiveBytes(stream, third.dir, { parentByUuid: true });
      const compared = { except: ['flags' as const] };
      expect(differences(`${middle.dir}/next`, `${third.dir}/next`, compared)).toEqual([]);
      // Two states under one UUID: nobody can say which of them is meant.
      run('btrfs', ['subvolume', 'delete', `${third.dir}/next`]);
      const second = streamOf((e) => {
        e.subvol(text('again'), uuidOf(at('small')), 999_999);
        e.end();
      });
      receiveBytes(second, third.dir);
      const refused = errorOf(() => receiveBytes(stream, third.dir, { parentByUuid: true }));
      expect(refused.code).toBe('parent-changed');
    } finally {
      middle.close();
      third.close();
    }
  });

  // It said "Could not set an attribute of: ENOSPC", without a path.
  test('an attribute that the target has no room for is told with its name and file', () => {
    const small = makeBtrfs({ sizeMiB: 256, mkfsArgs: ['-n', '4096'] });
    try {
      const stream = fullStream('s', (e) => {
        e.mkfile(text('file'), 257);
        e.setXattr(text('file'), text('user.large'), Buffer.alloc(8000));
      });
      const { message, kind } = errorOf(() => receiveBytes(stream, small.dir));
      expect([message, kind]).toEqual([expect.stringMatching(/user\.large of "file"/), 'Conflict']);
    } finally {
      small.close();
    }
  });

  // The kernel chooses the compression anew with any flag that is set by FS_IOC_SETFLAGS.
  test('a compression of its own stays with what may not change, through an increment, too', () => {
    const flags = (...names: (keyof typeof INODE_FLAG)[]): number =>
      names.reduce((sum, name) => sum | INODE_FLAG[name], 0);
    const full = fullStream(
      'barred',
      (e) => {
        for (const [name, barring] of [
          ['file', 'immutable'],
          ['log', 'append'],
        ] as const) {
          e.mkfile(text(name), 1);
          e.setXattr(text(name), text('btrfs.compression'), text('lzo'));
          e.fileattr(text(name), flags('compress', barring));
        }
        e.setXattr(text(''), text('btrfs.compression'), text('zstd'));
        e.fileattr(text(''), flags('compress', 'immutable'));
      },
      2,
    );
    const increment = streamOf((e) => {
      e.snapshot(text('changed'), Buffer.alloc(16, 5), 9, UUID, 7);
      e.chmod(text('file'), 0o600);
      e.rename(text('log'), text('log.1'));
      e.end();
    }, 2);
    const of = (path: string): string => getXattr(there(path), 'btrfs.compression').toString();
    for (const stream of [full, increment]) receiveBytes(stream, target.dir);
    expect(['barred', 'barred/file', 'barred/log'].map(of)).toEqual(['zstd', 'lzo', 'lzo']);
    expect(['changed', 'changed/file', 'changed/log.1'].map(of)).toEqual(['zstd', 'lzo', 'lzo']);
    const lsattr = runText('lsattr', ['-d', there('changed'), there('changed/file')]);
    expect(lsattr).toMatch(/^----i\S*c\S* .*\n----i\S*c\S* /);
  });

  // Its descriptor was taken for the new one's: what came into that landed in the old one, or nowhere.
  test('of folders that may not change, moved, removed or replaced, others take the names', () => {
    const folders = ['moved', 'removed', 'replaced'];
    const full = fullStream(
      'settled',
      (e) => {
        folders.forEach((name, index) => e.mkdir(text(name), 257 + index));
        e.mkfile(text('moved/old'), 260);
        for (const name of folders) e.fileattr(text(name), INODE_FLAG.immutable);
      },
      2,
    );
    const increment = streamOf((e) => {
      e.snapshot(text('renamed'), Buffer.alloc(16, 5), 9, UUID, 7);
      e.rename(text('moved'), text('elsewhere'));
      e.rmdir(text('removed'));
      e.mkdir(text('other'), 261);
      e.rename(text('other'), text('replaced'));
      for (const [index, name] of ['moved', 'removed'].entries()) e.mkdir(text(name), 262 + index);
      for (const name of folders) e.mkfile(text(`${name}/new`), 264);
      e.end();
    }, 2);
    for (const stream of [full, increment]) receiveBytes(stream, target.dir);
    expect(readdirSync(there('renamed/elsewhere'))).toEqual(['old']);
    for (const name of folders) expect(readdirSync(there(`renamed/${name}`))).toEqual(['new']);
  });

  // The whole receive ended with EINVAL, as the stock tool's does.
  test.each(['nodatacow', 'nodatasum'])(
    'a compression that a mount with %s refuses is told and goes on without',
    (mountOptions) => {
      const plain = makeBtrfs({ sizeMiB: 256, mountOptions });
      try {
        const name = text('btrfs.compression');
        const full = fullStream('s', (e) => {
          e.mkfile(text('late'), 257);
          e.write(text('late'), 0, Buffer.alloc(9000, 'late'));
          e.mkfile(text('early'), 258);
          e.setXattr(text('early'), name, text('zstd'));
          e.write(text('early'), 0, Buffer.alloc(9000, 'early'));
        });
        const increment = streamOf((e) => {
          e.snapshot(text('t'), Buffer.alloc(16, 5), 9, UUID, 7);
          e.setXattr(text('late'), name, text('lzo'));
          e.removeXattr(text('early'), name);
          e.end();
        });
        const losses = [full, increment].flatMap((stream) =>
          receiveBytes(stream, plain.dir).snapshots.flatMap((snapshot) => snapshot.losses),
        );
        const told = losses.map(({ path, what }) => `${Buffer.from(path)}: ${what.text}`);
        const early =
          mountOptions === 'nodatasum' ? ['early: the attribute btrfs.compression'] : [];
        expect(told).toEqual([...early, 'late: the attribute btrfs.compression']);
        expect(readFileSync(`${plain.dir}/t/early`, 'latin1')).toMatch(/^(early)+/);
      } finally {
        plain.close();
      }
    },
  );

  test('nothing is inherited from the folders above by accident', () => {
    const dir = there('inherits');
    mkdirSync(dir);
    run('btrfs', ['property', 'set', dir, 'compression', 'zstd']);
    run('chattr', ['+C', dir], { accept: [0, 1] });
    receiveBytes(kernelStream(at('one')), dir);
    expect(differences(at('one'), `${dir}/one`, { except: ['flags', 'holes'] })).toEqual([]);
    expect(runText('btrfs', ['property', 'get', `${dir}/one`, 'compression'])).toBe('');
  });

  test('a whole file that ends within a block, cloned into a longer one: shared but for its end', () => {
    const dir = there('larger');
    mkdirSync(dir);
    const stream = fullStream(
      's',
      (e) => {
        for (const [name, inode, bytes] of [
          ['source', 257, 200_001],
          ['copy', 258, 300_000],
        ] as const) {
          e.mkfile(text(name), inode);
          e.write(text(name), 0, Buffer.alloc(bytes, name));
        }
        e.clone(text('copy'), 0, 200_001, UUID, 7, text('source'), 0);
        e.truncate(text('copy'), 200_001);
      },
      2,
    );
    receiveBytes(stream, dir);
    expect(readFileSync(`${dir}/s/copy`).equals(readFileSync(`${dir}/s/source`))).toBe(true);
    expect(sharedBytes(`${dir}/s/copy`)).toBe(196_608);
  });

  test('a file that another is copied from, since it cannot be cloned, keeps its time of access', () => {
    const dir = there('times');
    mkdirSync(dir);
    const old = Buffer.alloc(36);
    for (const at of [0, 12, 24]) old.writeBigUInt64LE(1_000_000_000n, at);
    const stream = fullStream('s', (e) => {
      e.mkfile(text('source'), 257);
      e.write(text('source'), 0, Buffer.alloc(10_000, 'read'));
      e.utimes(text('source'), old, false);
      e.mkfile(text('copy'), 258);
      e.clone(text('copy'), 0, 100, UUID, 7, text('source'), 10);
    });
    receiveBytes(stream, dir);
    expect(statSync(`${dir}/s/source`).atimeMs).toBe(1e12);
  });

  test('a folder that hands its group on: what is in it has the owner that the stream says', () => {
    const dir = there('groups');
    mkdirSync(dir);
    const stream = fullStream('s', (e) => {
      e.mkfile(text('first'), 257);
      e.chown(text('first'), 0, 0);
      e.mkdir(text('shared'), 258);
      e.chown(text('shared'), 0, 500);
      e.chmod(text('shared'), 0o2775);
      e.mkfile(text('shared/file'), 259);
      e.chown(text('shared/file'), 0, 0);
      e.chmod(text('shared/file'), 0o640);
    });
    receiveBytes(stream, dir);
    expect(statSync(`${dir}/s/shared/file`)).toMatchObject({ uid: 0, gid: 0, mode: 0o100640 });
    expect(statSync(`${dir}/s/shared`)).toMatchObject({ gid: 500, mode: 0o42775 });
  });
});

const SHARED = 0x2000;

function sharedBytes(path: string): number {
  const fd = openSync(path, 'r');
  const shared = fileExtents(fd).filter(({ flags }) => (flags & SHARED) !== 0);
  closeSync(fd);
  return shared.reduce((sum, { length }) => sum + length, 0);
}

function uuidOf(snapshot: string): Buffer {
  const shown = runText('btrfs', ['subvolume', 'show', snapshot]);
  return Buffer.from(/^\s*UUID:\s+(\S+)/m.exec(shown)![1]!.replaceAll('-', ''), 'hex');
}

/** Changes of every kind that a stream can carry. */
function editTree(dir: string): void {
  const commands = `
    cd "$1"
    mv tree tree-moved; mkdir tree; mv tree-moved tree/below
    mv names/empty extents/; rm -rf properties/*; mkdir properties/new
    for f in $(find tree -type f | sort | head -40); do echo more >> "$f"; done
    for f in $(find tree -type f | sort | tail -40); do rm "$f"; done
    for f in $(find tree -type f | sort | head -20); do ln "$f" "links/$(basename "$f")-more"; done
    for f in $(find tree -type f | sort | head -80 | tail -20); do chmod 4711 "$f"; chown 11:12 "$f"; chmod 4711 "$f"; done
    setfattr -n user.new -v value links; touch -d '2001-02-03 04:05:06.789 UTC' names
  `;
  run('bash', ['-c', commands, 'edit', dir], { accept: [0, 1] });
  writeFileSync(`${dir}/at the top`, 'x');
}
