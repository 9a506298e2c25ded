import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, withBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import { btrfs, dendro, ENTRY } from './dendro.ts';

let source: TestBtrfs;
let target: TestBtrfs;
let work: string;
const at = (name: string): string => join(source.dir, name);

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  source = makeBtrfs({ sizeMiB: 300, mkfsArgs: ['-L', 'commands'] });
  target = makeBtrfs({ sizeMiB: 300 });
  work = mkdtempSync(join(tmpdir(), 'dendro-commands-'));
  run('btrfs', ['subvolume', 'create', at('home')]);
  fillTree(at('home'), { seed: 11, files: 40 });
  mkdirSync(at('home/letters'));
  writeFileSync(at('home/letters/to mum'), 'Dear mum, ');
  writeFileSync(at('home/letters/old'), 'old');
  run('btrfs', ['subvolume', 'snapshot', '-r', at('home'), at('one')]);
  writeFileSync(at('home/letters/to mum'), 'Dear mum, all is well. ');
  renameSync(at('home/letters/old'), at('home/letters/older'));
  writeFileSync(at('home/letters/new'), 'new');
  run('btrfs', ['subvolume', 'snapshot', '-r', at('home'), at('two')]);
  source.sync();
});
afterAll(() => {
  source?.close();
  target?.close();
  if (work) rmSync(work, { recursive: true });
});

function json<T>(...args: string[]): T {
  return JSON.parse(dendro(args).stdout.toString()) as T;
}
const text = (...args: string[]): string => dendro(args).stdout.toString();

/** What tests before have deleted is freed by the kernel in its own time, and told until then. */
function deletedIsFreed(): void {
  run('btrfs', ['subvolume', 'sync', source.dir]);
  source.sync();
}

describeKernel('the commands, mounted and on the device alike', () => {
  it('volumes names label, profiles and devices', () => {
    const [volume] = json<{ label: string; profiles: object }[]>(
      'volumes',
      '--json',
      source.images[0]!,
    );
    expect(volume).toMatchObject({
      label: 'commands',
      profiles: { data: 'single', metadata: 'DUP' },
    });
    const all = json<{ label: string; mounts: { path: string }[] }[]>('volumes', '--json');
    const found = all.find((one) => one.mounts.some((mount) => mount.path === source.dir));
    expect(found).toMatchObject({ label: 'commands', kind: 'mounted', canReceive: true });
  });

  it('snapshots lists what btrfs subvolume list does', () => {
    const ours = json<{ subvolumeId: number; path: string; uuid: string }[]>(
      'snapshots',
      '--json',
      source.dir,
    );
    const theirs = btrfs(['subvolume', 'list', '-u', source.dir]).stdout.toString();
    for (const [, id, uuid, path] of theirs.matchAll(/ID (\d+) .*uuid (\S+) path (.*)/g)) {
      expect(ours.find((one) => one.subvolumeId === Number(id))).toMatchObject({ path, uuid });
    }
  });

  it('snapshots create and delete', () => {
    expect(dendro(['snapshots', 'create', at('home'), at('three')]).status).toBe(0);
    expect(showDifferences(compareTrees(at('home'), at('three')))).toEqual([]);
    expect(btrfs(['property', 'get', at('three'), 'ro']).stdout.toString()).toBe('ro=true\n');
    expect(dendro(['snapshots', 'delete', at('home')]).status).toBe(6);
    expect(dendro(['snapshots', 'delete', at('three')]).status).toBe(0);
    expect(dendro(['ls', at('three')]).status).toBe(6);
  });

  it('ls, cat and stat give the same by every way to name a file', () => {
    const ways = [at('two'), `${source.devices[0]!}:/two`, `${source.images[0]!}:two/`];
    const listings = ways.map((way) => text('ls', '-l', `${way}/letters`));
    expect(new Set(listings).size).toBe(1);
    expect(text('ls', ways[0]!).split('\n')).toContain('letters');
    for (const way of ways) {
      expect(text('cat', `${way}/letters/to mum`)).toBe('Dear mum, all is well. ');
    }
    const [facts] = json<{ paths: string[]; sizeBytes: number }[]>(
      'stat',
      '--json',
      `${ways[1]!}/letters/to mum`,
    );
    expect(facts).toMatchObject({ sizeBytes: 23, paths: ['letters/to mum'], type: 'file' });
  });

  // It was followed, out of the snapshot even, or told as not there.
  it('stat tells of a symbolic link itself', () => {
    run('btrfs', ['-q', 'subvolume', 'snapshot', at('two'), at('linked')]);
    const targets = { file: 'letters/to mum', away: '/etc/hostname', nowhere: 'nothing', dir: '.' };
    for (const [name, target] of Object.entries(targets))
      symlinkSync(target, `${at('linked')}/${name}`);
    source.sync();
    for (const way of [at('linked'), `${source.images[0]!}:/linked`]) {
      for (const [name, linkTarget] of Object.entries(targets)) {
        const [facts] = json<unknown[]>('stat', '--json', `${way}/${name}`);
        expect(facts).toMatchObject({ type: 'symlink', linkTarget, paths: [name] });
      }
    }
    const [top] = json<unknown[]>('stat', '--json', `${at('linked')}/dir/`);
    expect(top).toMatchObject({ type: 'directory' });
    run('btrfs', ['-q', 'subvolume', 'delete', at('linked')]);
  });

  it('ls -R gives the paths that find(1) gives, from the folder on', () => {
    const list = (dir: string) =>
      run('find', [dir, '-mindepth', '1', '-printf', '%P\\0']).stdout.subarray(0, -1);
    for (const place of [at('two'), `${at('two')}/letters`]) {
      const theirs = list(place).toString('latin1').split('\0');
      const shown = theirs.map((path) => printable(textFromBytes(Buffer.from(path, 'latin1'))));
      expect(text('ls', '-R', place).trimEnd().split('\n').sort()).toEqual(shown.sort());
    }
    const rows = json<{ path: string; entry: { name: string; type: string } }[]>(
      ...(['ls', '-R', '--json', at('two')] as const),
    );
    expect(rows).toContainEqual(
      expect.objectContaining({
        path: 'letters/to mum',
        entry: expect.objectContaining({ name: 'to mum', type: 'file', sizeBytes: 23 }) as unknown,
      }),
    );
    expect(text('ls', '-l', '-R', at('two'))).toMatch(/^-rw.* 23 .* letters\/to mum$/m);
  });

  it('names that are not UTF-8 can be given and are shown without harm', () => {
    const name = Buffer.from([0x62, 0xff, 0x1b, 0x5b]);
    writeFileSync(Buffer.concat([Buffer.from(`${at('home')}/`), name]), 'bytes');
    expect(text('ls', at('home')).split('\n')).toContain('b\\xff\\x1b[');
    const script = `'${process.execPath}' '${ENTRY}' cat "$(printf '%s/b\\377\\033[' '${at('home')}')"`;
    expect(runText('bash', ['-c', script])).toBe('bytes');
  });

  it('find gives the paths that find(1) gives', () => {
    const ours = text('find', at('two'), '*e*').trim().split('\n').sort();
    const theirs = runText('find', [
      at('two'),
      '-mindepth',
      '1',
      '-name',
      '*e*',
      '-printf',
      '%P\\0',
    ]);
    // Those that are shown as they are.
    const isPlain = (path: string): boolean => /^[\x20-\x5b\x5d-\x7e]+$/.test(path);
    expect(ours.filter(isPlain)).toEqual(theirs.split('\0').filter(isPlain).sort());
    expect(dendro(['find', at('two'), 'no such name']).status).toBe(1);
  });

  it('find over everything: new points are taken in, each place is named once', () => {
    const env = { DENDRO_STATE: join(work, 'everywhere') };
    const everywhere = (...args: string[]): string =>
      dendro(['find', ...args], { env }).stdout.toString();
    // A point that one volume holds twice.
    const twin = join(target.dir, 'twin');
    for (const folder of [target.dir, twin]) {
      mkdirSync(folder, { recursive: true });
      run('btrfs', ['receive', folder], { input: run('btrfs', ['send', at('two')]).stdout });
    }
    const taken = everywhere('--update').trim().split('\n');
    expect(taken).toEqual([expect.stringMatching(/^\d+ restore points taken in, \d+ files/)]);
    const [name] = readdirSync(at('two'));
    const found = everywhere(name!)
      .split('\n')
      .filter((line) => line.includes('commands') && line.endsWith(`: ${name}`));
    expect(found).toEqual([expect.stringContaining(`  commands, ${target.dir}  `)]);
    expect(everywhere('--', '..')).not.toMatch(/: \.\.$/m);
    for (const folder of [target.dir, twin]) {
      run('btrfs', ['subvolume', 'delete', join(folder, 'two')]);
    }
    rmdirSync(twin);
  });

  it('find below a folder of a subvolume that is reached from the top level', () => {
    const ways = [at('two/letters'), `${source.images[0]!}:/two/letters`];
    for (const way of ways) {
      const found = text('find', way, 'n*').trim().split('\n');
      expect(found).toEqual(['letters/new']);
    }
  });

  it('diff says what was added, removed, changed and renamed', () => {
    const { status, stdout } = dendro(['diff', at('one'), at('two')]);
    expect(status).toBe(1);
    expect(stdout.toString().trim().split('\n').sort()).toEqual([
      '+ letters/new',
      '> letters/old -> letters/older',
      '~ letters/to mum  (data, size, times)',
    ]);
    expect(dendro(['diff', at('two'), at('two')])).toMatchObject({ status: 0 });
    // Of two volumes as well.
    expect(dendro(['diff', at('two'), target.dir]).status).toBe(1);
  });

  it('changed-since names what was written since a snapshot', () => {
    const lines = text('changed-since', at('one'), at('two')).trim().split('\n');
    expect(lines).toEqual(
      expect.arrayContaining(['+ letters/new', '~ letters/to mum', '~ letters']),
    );
  });

  it('du adds up, and frees together what is shared only among them', () => {
    deletedIsFreed();
    const bill = json<{ totalBytes: number; subvolumes: { exclusiveBytes: number }[] }>(
      'du',
      '--json',
      source.dir,
    );
    const exclusive = bill.subvolumes.reduce((sum, one) => sum + one.exclusiveBytes, 0);
    expect(exclusive).toBeLessThanOrEqual(bill.totalBytes);
    const freed = (...names: string[]): number =>
      json<{ freedBytes: number }>('du', '--json', '--free', ...names.map(at)).freedBytes;
    expect(freed('one', 'two')).toBeGreaterThanOrEqual(freed('one') + freed('two'));
  });

  it('volumes -v shows room, devices and health; du what is shared', () => {
    deletedIsFreed();
    const [volume] = json<{ report: { health: object; groups: { kind: string }[] } }[]>(
      'volumes',
      '--json',
      source.dir,
    );
    expect(volume!.report.health).toEqual({ state: 'good', notes: [] });
    expect(volume!.report.groups.map(({ kind }) => kind)).toContain('metadata');
    expect(text('volumes', '-v', source.dir)).toContain('data, single');
    const { subvolumes } = json<{
      subvolumes: { exclusiveBytes: number; sharedBytes: number; referencedBytes: number }[];
    }>('du', '--json', source.dir);
    for (const { exclusiveBytes, sharedBytes, referencedBytes } of subvolumes) {
      expect(exclusiveBytes + sharedBytes).toBe(referencedBytes);
    }
    expect(dendro(['changed-since', at('one'), target.dir]).status).toBe(6);
  });

  it('images of several devices: the others are found beside the one, or named with commas', async () => {
    await withBtrfs({ devices: 3, mkfsArgs: ['-d', 'raid5', '-m', 'raid1'] }, (fs) => {
      const content = 'over three disks '.repeat(20_000);
      writeFileSync(join(fs.dir, 'file'), content);
      fs.unmount();
      fs.images.forEach((_, index) => fs.detach(index));
      expect(text('cat', `${fs.images[1]!}:/file`)).toBe(content);
      expect(dendro(['verify', fs.images.join(',')]).status).toBe(0);
      const copy = `${fs.images[0]!}.copy`;
      run('cp', [fs.images[0]!, copy]);
      const refused = dendro(['cat', `${copy}:/file`]);
      expect(refused.status).toBe(6);
      expect(refused.stderr).toContain('duplicate-device');
    });
  }, 600_000);

  it('a device that is away: all is read, and it is said where it matters', async () => {
    await withBtrfs({ devices: 3, mkfsArgs: ['-d', 'raid5', '-m', 'raid1'] }, (fs) => {
      const content = 'over three disks '.repeat(20_000);
      writeFileSync(join(fs.dir, 'file'), content);
      fs.unmount();
      fs.images.forEach((_, index) => fs.detach(index));
      renameSync(fs.images[2]!, join(work, 'away.img'));
      expect(text('cat', `${fs.images[0]!}:/file`)).toBe(content);
      const [degraded] = json<{ report: { health: object } }[]>('volumes', '--json', fs.images[0]!);
      expect(degraded!.report.health).toMatchObject({ state: 'degraded' });
      expect(dendro(['verify', fs.images[0]!]).status).toBe(1);
    });
  }, 600_000);

  it('what is healed on the way is told: the file, the place, the good copy', async () => {
    await withBtrfs({ mkfsArgs: ['-d', 'dup', '-m', 'dup'] }, (fs) => {
      const content = `a letter that lies twice on the disk ${'.'.repeat(10_000)}`;
      writeFileSync(join(fs.dir, 'letter'), content);
      fs.unmount();
      const place = readFileSync(fs.images[0]!).indexOf('a letter that lies twice');
      const fd = openSync(fs.images[0]!, 'r+');
      writeSync(fd, 'A LETTER', place);
      closeSync(fd);
      const { status, stdout, stderr } = dendro(['cat', `${fs.images[0]!}:/letter`]);
      expect([status, stdout.toString()]).toEqual([0, content]);
      expect(stderr).toContain(`healed: bad data of letter (subvolume 5) at 0: checksum`);
      expect(stderr).toContain(`at ${place}; good copy: mirror`);
    });
  });

  it('verify finds damage and says whether a good copy is left', () => {
    expect(dendro(['verify', at('two')]).status).toBe(0);
    const image = join(work, 'damaged.img');
    run('cp', ['--sparse=always', source.images[0]!, image]);
    expect(dendro(['verify', image]).status).toBe(0);
    const bytes = readFileSync(image);
    const place = bytes.indexOf('Dear mum, all is well. ');
    const fd = openSync(image, 'r+');
    writeSync(fd, 'Dear dad', place);
    closeSync(fd);
    // Inline data lies in a tree block, which has two copies.
    expect(dendro(['verify', image]).status).toBe(1);
  });

  it('estimate gives exact sizes, the smallest first', () => {
    btrfs(['send', '-q', '-f', join(work, 'one'), at('one')]);
    btrfs(['receive', '-q', '-f', join(work, 'one'), target.dir]);
    const plans = json<{ parent: string | null; bytes: number }[]>(
      'estimate',
      '--json',
      '--to',
      target.dir,
      at('two'),
    );
    expect(plans.map((plan) => plan.parent)).toEqual(['one', null]);
    expect(dendro(['send', '-q', '-p', at('one'), at('two')]).stdout.length).toBe(plans[0]!.bytes);
    expect(dendro(['send', '-q', at('two')]).stdout.length).toBe(plans[1]!.bytes);
  });

  it('leftovers lists an interrupted receive, and send goes on where it stopped', () => {
    const whole = dendro(['send', '-q', at('two')]).stdout;
    writeFileSync(join(work, 'cut'), whole.subarray(0, Math.floor(whole.length / 2)));
    expect(dendro(['receive', '-q', '-f', join(work, 'cut'), target.dir]).status).toBe(1);
    const [leftover] = json<{ name: string; command: number }[]>('leftovers', '--json', target.dir);
    expect(leftover).toMatchObject({ name: 'two' });
    expect(leftover!.command).toBeGreaterThan(1);
    const rest = dendro([
      'send',
      '-q',
      '--resume-from',
      String(leftover!.command),
      at('two'),
    ]).stdout;
    expect(rest.length).toBeLessThan(whole.length);
    writeFileSync(join(work, 'rest'), rest);
    expect(dendro(['receive', '-q', '-f', join(work, 'rest'), target.dir])).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(
      showDifferences(compareTrees(at('two'), join(target.dir, 'two'), { except: ['flags'] })),
    ).toEqual([]);
    expect(dendro(['leftovers', target.dir]).status).toBe(1);
  });

  it('restore brings a folder back with everything, onto btrfs', () => {
    const folder = join(target.dir, 'restored');
    mkdirSync(folder);
    expect(dendro(['restore', `${source.devices[0]!}:/two`, folder]).status).toBe(0);
    const differences = compareTrees(at('two'), join(folder, 'two'));
    expect(showDifferences(differences).filter((line) => !line.startsWith('/flags/'))).toEqual([]);
  });

  it('restore makes the folder that it is given, and takes it away when nothing came into it', () => {
    const folder = join(source.dir, 'found');
    const planned = dendro(['restore', '--dry-run', at('two'), folder]);
    expect([planned.status, existsSync(folder)]).toEqual([0, false]);
    expect(planned.stdout.toString()).toContain(`-> ${folder}/two`);
    const deeper = dendro(['restore', at('two'), join(folder, 'below')]);
    expect([deeper.status, existsSync(folder)]).toEqual([6, false]);
    expect(deeper.stderr.toString()).toContain('no-target-folder');
    const narrow = join(work, 'narrow');
    mkdirSync(narrow);
    run('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', narrow]);
    try {
      const failed = dendro(['restore', at('two'), join(narrow, 'found')]);
      expect([failed.status, readdirSync(narrow)]).toEqual([7, []]);
    } finally {
      run('umount', [narrow]);
    }

    const done = dendro(['restore', '--json', at('two'), folder]);
    expect(done.status).toBe(0);
    const [summary] = JSON.parse(done.stdout.toString());
    // As a snapshot, of which everything is there although nothing was copied.
    expect(summary.files).toBeGreaterThan(1);
    expect(summary.sharedBytes).toBe(summary.bytes);
    expect(compareTrees(at('two'), join(folder, 'two'))).toEqual([]);
    run('btrfs', ['subvolume', 'delete', join(folder, 'two')]);
    rmdirSync(folder);
  });

  it('receive --plain makes plain files anywhere, and send --plain the snapshot again', () => {
    const [folder, stream] = [join(work, 'plain'), join(work, 'stream')];
    mkdirSync(folder);
    expect(dendro(['send', '-q', '-f', stream, at('one')]).status).toBe(0);
    expect(dendro(['receive', '-q', '--plain', '-f', stream, folder])).toMatchObject({ status: 0 });
    expect(dendro(['send', '-q', '-p', at('one'), '-f', stream, at('two')]).status).toBe(0);
    const told = dendro(['receive', '--plain', '-f', stream, folder]);
    expect(told.status).toBe(0);
    expect(told.stderr).toContain('not kept');
    expect(readFileSync(join(folder, 'two/letters/to mum'), 'utf8')).toContain('all is well');
    expect(dendro(['send', '-q', '--plain', '-f', stream, join(folder, 'two')]).status).toBe(0);
    const again = join(target.dir, 'again');
    mkdirSync(again);
    expect(dendro(['receive', '-q', '-f', stream, again])).toMatchObject({ status: 0 });
    const differences = compareTrees(at('two'), join(again, 'two'), { except: ['flags', 'holes'] });
    expect(showDifferences(differences)).toEqual([]);
  });

  it('verify holds a received snapshot against its source, or against the record of it', () => {
    const [stream, record] = [join(work, 'stream'), join(work, 'record')];
    const place = join(target.dir, 'proved');
    mkdirSync(place);
    dendro(['send', '-q', '--proto', '2', '-f', stream, at('two')]);
    dendro(['receive', '-q', '-f', stream, place]);
    const received = join(place, 'two');
    expect(dendro(['verify', '--against', at('two'), received]).status).toBe(0);
    writeFileSync(record, dendro(['verify', '--record', at('two')]).stdout);
    expect(dendro(['verify', '--with-record', record, received]).status).toBe(0);
    const other = dendro(['verify', '--against', at('one'), received]);
    expect(other.status).toBe(1);
    expect(other.stdout.toString()).toContain('differs: letters/to mum: ');
    expect(dendro(['verify', '--with-record', record, at('one')]).status).toBe(1);
  });

  it('rescue copies out of a volume whose superblock is gone', () => {
    const image = join(work, 'broken.img');
    run('cp', ['--sparse=always', source.images[0]!, image]);
    const fd = openSync(image, 'r+');
    writeSync(fd, Buffer.alloc(4096, 0xff), 0, 4096, 0x1_0000);
    closeSync(fd);
    const folder = join(work, 'rescued');
    expect(dendro(['rescue', '--to', folder, '--subvolume', 'two', image]).status).toBeLessThan(2);
    expect(readFileSync(join(folder, 'letters/to mum'), 'utf8')).toBe('Dear mum, all is well. ');
    expect(text('rescue', '--list', '--subvolume', 'two', image)).toContain('letters/to mum  23 B');
    const everything = join(work, 'everything');
    expect(dendro(['rescue', '--to', everything, image]).status).toBeLessThan(2);
    expect(readFileSync(join(everything, 'home/letters/older'), 'utf8')).toBe('old');
    const single = join(work, 'single');
    const only = ['--subvolume', 'one', '--path', 'letters/old'];
    expect(dendro(['rescue', '--to', single, ...only, image]).status).toBe(0);
    expect(readFileSync(single, 'utf8')).toBe('old');
  });

  it('history is empty, then has what was done; help and errors say what to do', () => {
    const env = { DENDRO_STATE: join(work, 'state') };
    expect(dendro(['history', '--json'], { env }).stdout.toString()).toBe('[]\n');
    expect(dendro(['history', 'nothing'], { env }).status).toBe(1);
    for (const command of ['send', 'receive', 'ls', 'serve']) {
      expect(text(command, '--help')).toContain(`usage: dendro ${command}`);
    }
    expect(text('--help')).toContain('exit codes');
    expect(dendro(['frobnicate']).status).toBe(2);
    expect(dendro(['ls']).status).toBe(2);
  });
});
