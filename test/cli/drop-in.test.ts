import { spawn } from 'node:child_process';
import {
  closeSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { dendro as launcher } from '../harness/dendro.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { openPipe } from '../harness/syscalls.ts';
import { fullStream, text } from '../receive/receive-harness.ts';
import { btrfs, dendro, ENTRY, shellWords } from './dendro.ts';

let source: TestBtrfs;
let target: TestBtrfs;
let work: string;
const at = (name: string): string => join(source.dir, name);
const file = (name: string): string => join(work, name);

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  source = makeBtrfs({ sizeMiB: 512 });
  target = makeBtrfs({ sizeMiB: 512 });
  work = mkdtempSync(join(tmpdir(), 'dendro-drop-in-'));
  run('btrfs', ['subvolume', 'create', at('home')]);
  fillTree(at('home'), { seed: 3, files: 60 });
  run('btrfs', ['subvolume', 'snapshot', '-r', at('home'), at('one')]);
  writeFileSync(at('home/more'), 'more');
  run('btrfs', ['subvolume', 'snapshot', '-r', at('home'), at('two')]);
});
afterAll(() => {
  source?.close();
  target?.close();
  if (work) rmSync(work, { recursive: true });
});

/** What the kernel says of an open file of ours: O_NONBLOCK among it. */
const flagsOf = (fd: number): number =>
  parseInt(/^flags:\s+(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'))![1]!, 8);

function clean(): void {
  for (const name of ['one', 'two']) btrfs(['subvolume', 'delete', join(target.dir, name)]);
}
/** Version 1 of the stream carries no flags. */
const arrived = (name: string): string[] =>
  showDifferences(compareTrees(at(name), join(target.dir, name), { except: ['flags'] }));

describeKernel('dendro send takes the options of btrfs send', () => {
  it('leaves the pipe as it is: one that does not block would be written to in naps', async () => {
    const { read, write } = openPipe();
    const sender = spawn(process.execPath, [ENTRY, 'send', at('one')], {
      stdio: ['ignore', write, 'ignore'],
    });
    try {
      readSync(read, Buffer.alloc(17)); // it is at work
      expect(flagsOf(write) & 0o4000).toBe(0);
    } finally {
      sender.kill();
      closeSync(write);
      closeSync(read);
      await new Promise((resolve) => sender.on('exit', resolve));
    }
  });

  // It ended with the first word that it could not say: with 7, and nothing was received.
  it('says nothing, and does its work, where its words have no room or no reader', () => {
    const line = (told: string): number =>
      run('bash', [
        '-c',
        `"$0" "$1" send "$2" 2${told} | "$0" "$1" receive "$3" 2${told}`,
        ...[process.execPath, ENTRY, at('one'), target.dir],
      ]).status;
    for (const told of ['>/dev/full', '> >(true)']) {
      expect(line(told)).toBe(0);
      expect(arrived('one')).toEqual([]);
      clean();
    }
  });

  // Node takes a signal that it is to ignore for one that ends it: a logout ended what nohup had begun.
  it('goes on after a hangup under nohup, and ends without', async () => {
    const stream = btrfs(['send', at('one')]).stdout;
    const outcome = async (...nohup: string[]): Promise<unknown> => {
      const [program, ...args] = [...nohup, launcher, 'receive', target.dir];
      const receiver = spawn(program!, args, { stdio: ['pipe', 'ignore', 'pipe'] });
      const ended = new Promise((end) =>
        receiver.on('exit', (code, signal) => end(signal ?? code)),
      );
      receiver.stdin!.on('error', () => undefined);
      receiver.stdin!.write(stream.subarray(0, -1));
      await new Promise((said) => receiver.stderr!.once('data', said));
      receiver.kill('SIGHUP');
      await new Promise((resolve) => setTimeout(resolve, 100));
      receiver.stdin!.end(stream.subarray(-1));
      return ended;
    };
    expect(await outcome()).toBe('SIGHUP');
    expect(await outcome('nohup')).toBe(0);
    expect(arrived('one')).toEqual([]);
    clean();
  });

  it.each<[string, string[]]>([
    ['one snapshot', ['SRC/one']],
    ['-p', ['-p', 'SRC/one', 'SRC/two']],
    ['-c', ['-c', 'SRC/one', 'SRC/two']],
    ['-c twice', ['-c', 'SRC/one', '-c', 'SRC/one', 'SRC/two']],
    ['two files: the last one counts', ['-f', 'nowhere/there', 'SRC/one']],
    ['-q', ['-q', 'SRC/one']],
    ['--quiet', ['--quiet', 'SRC/one']],
    ['-v', ['-v', 'SRC/one']],
    ['several snapshots', ['SRC/one', 'SRC/two']],
    ['-e', ['-e', 'SRC/one', 'SRC/two']],
    ['--no-data', ['--no-data', 'SRC/one']],
    ['--proto 2', ['--proto', '2', 'SRC/one']],
    ['--proto=0', ['--proto=0', 'SRC/one']],
    ['--compressed-data', ['--proto', '2', '--compressed-data', 'SRC/one']],
    ['options behind the snapshot', ['SRC/two', '-p', 'SRC/one']],
  ])('says the same with %s', (_, args) => {
    const words = args.map((word) => word.replace('SRC', source.dir));
    const theirs = btrfs(['send', ...words, '-f', file('theirs')]);
    const ours = dendro(['send', ...words, '-f', file('ours')]);
    expect(ours.status).toBe(theirs.status);
    const said = (text: string): string[] =>
      text.split('\n').filter((line) => line.startsWith('At ') || line.startsWith('Protocol'));
    expect(said(ours.stderr)).toEqual(said(theirs.stderr));
    expect(ours.stdout).toEqual(theirs.stdout);
    // Both streams say the same to the stock tool.
    const first = (name: string): string =>
      btrfs(['receive', '--dump', '-f', file(name)])
        .stdout.toString()
        .split('\n')[0]!;
    expect(first('ours')).toBe(first('theirs'));
  });

  it.each<[string, string[]]>([
    ['nothing', []],
    ['a path that does not exist', ['SRC/nowhere']],
    ['a writable subvolume', ['SRC/home']],
    ['a folder in a snapshot', ['SRC/one/dir']],
    ['a path on another filesystem', ['/proc']],
    ['a parent that does not exist', ['-p', 'SRC/nowhere', 'SRC/two']],
    ['a writable parent', ['-p', 'SRC/home', 'SRC/two']],
    ['a writable clone source', ['-c', 'SRC/home', 'SRC/two']],
    ['two parents', ['-p', 'SRC/one', '-p', 'SRC/one', 'SRC/two']],
    ['a version that is unknown', ['--proto', '9', 'SRC/one']],
    ['a version that is no number', ['--proto', 'x', 'SRC/one']],
    ['compressed data in version 1', ['--proto', '1', '--compressed-data', 'SRC/one']],
    ['an unknown option', ['--bogus', 'SRC/one']],
  ])('refuses %s, as the stock tool does', (_, args) => {
    const words = args.map((word) => word.replace('SRC', source.dir));
    const theirs = btrfs(['send', ...words, '-f', file('theirs')]);
    const ours = dendro(['send', ...words, '-f', file('ours')]);
    // Nearly always 1; btrfs-progs 6.2 once ended with the unknown version as its code.
    expect(theirs.status).not.toBe(0);
    expect(ours.status).toBe(1);
    expect(ours.stderr).toContain('ERROR: ');
    expect(ours.stderr).not.toContain('Bug');
  });

  it('refuses an output file that cannot be made, and a terminal', () => {
    expect(dendro(['send', '-f', '/nowhere/file', at('one')]).status).toBe(1);
    const command = shellWords([process.execPath, ENTRY, 'send', at('one')]);
    const onTerminal = run('script', ['-qec', command, '/dev/null'], { accept: [1] });
    expect(onTerminal.stdout.toString()).toContain('not dumping send stream into a terminal');
  });

  it('names a snapshot on a device or image that is not mounted', () => {
    const mounted = dendro(['send', '-q', at('two')]).stdout;
    source.unmount();
    try {
      const [device, image] = [source.devices[0]!, source.images[0]!];
      expect(dendro(['send', '-q', `${device}:/two`]).stdout.equals(mounted)).toBe(true);
      expect(dendro(['send', '-q', `${image}:two`]).stdout.equals(mounted)).toBe(true);
      const increment = dendro(['send', '-q', '-p', `${image}:/one`, `${image}:/two`]);
      expect(increment.stdout.length).toBeLessThan(mounted.length / 2);
    } finally {
      source.mount();
    }
  });

  it('streams into btrfs receive, with and without a parent', () => {
    clean();
    for (const args of [['one'], ['-p', at('one'), 'two']]) {
      const words = [...args.slice(0, -1), at(args.at(-1)!)];
      dendro(['send', '-q', ...words, '-f', file('stream')]);
      const received = btrfs(['receive', '-q', '-f', file('stream'), target.dir]);
      expect([received.status, received.stderr]).toEqual([0, '']);
    }
    expect(arrived('one')).toEqual([]);
    expect(arrived('two')).toEqual([]);
  });
});

describeKernel('dendro receive takes the options of btrfs receive', () => {
  beforeAll(() => {
    btrfs(['send', '-q', '-f', file('full'), at('one')]);
    btrfs(['send', '-q', '-p', at('one'), '-f', file('increment'), at('two')]);
    btrfs(['send', '-q', '-f', file('two-streams'), at('one'), at('two')]);
    btrfs(['send', '-q', '-e', '-f', file('joined'), at('one'), at('two')]);
  });

  /** The same with both tools, on the same target. */
  function both(before: string[][], args: string[]): [ours: string[], theirs: string[]] {
    const outcome = (tool: typeof dendro): string[] => {
      clean();
      for (const words of before) btrfs(['receive', '-q', ...words, target.dir]);
      const { status, stdout, stderr } = tool(['receive', ...args]);
      const said = stderr.split('\n').filter((line) => line.startsWith('At '));
      const held = btrfs(['subvolume', 'list', '-r', target.dir]).stdout.toString();
      const names = [...held.matchAll(/path (.*)$/gm)].map((match) => match[1]!).sort();
      return [String(status), stdout.toString(), ...said, ...names];
    };
    return [outcome(dendro), outcome(btrfs)];
  }

  it.each<[string, string[][], string[]]>([
    ['a full stream', [], ['-f', 'FILES/full', 'TARGET']],
    ['an increment', [['-f', 'FILES/full']], ['-f', 'FILES/increment', 'TARGET']],
    ['-q', [['-f', 'FILES/full']], ['-q', '-f', 'FILES/increment', 'TARGET']],
    ['two streams in one file', [], ['-f', 'FILES/two-streams', 'TARGET']],
    ['two streams, the first only', [], ['-e', '-f', 'FILES/two-streams', 'TARGET']],
    ['two snapshots in one stream', [], ['-f', 'FILES/joined', 'TARGET']],
    ['-m', [], ['-m', 'TARGET', '-f', 'FILES/full', 'TARGET']],
    ['-E 0', [], ['-E', '0', '-f', 'FILES/full', 'TARGET']],
    ['--max-errors', [], ['--max-errors', '3', '-f', 'FILES/full', 'TARGET']],
    ['--force-decompress', [], ['--force-decompress', '-f', 'FILES/full', 'TARGET']],
    ['a parent that is missing', [], ['-f', 'FILES/increment', 'TARGET']],
    ['a name that is taken', [['-f', 'FILES/full']], ['-f', 'FILES/full', 'TARGET']],
    ['a target that does not exist', [], ['-f', 'FILES/full', 'TARGET/nowhere']],
    ['a target on another filesystem', [], ['-f', 'FILES/full', '/proc']],
    ['an empty stream', [], ['-f', '/dev/null', 'TARGET']],
    ['no target', [], ['-f', 'FILES/full']],
    ['two targets', [], ['a', 'b']],
    ['an unknown option', [], ['--bogus', 'TARGET']],
    ['a number that is none', [], ['-E', 'x', '-f', 'FILES/full', 'TARGET']],
  ])('does and says the same with %s', (_, before, args) => {
    const place = (word: string): string =>
      word.replace('FILES', work).replace('TARGET', target.dir);
    const [ours, theirs] = both(
      before.map((words) => words.map(place)),
      args.map(place),
    );
    expect(ours).toEqual(theirs);
  });

  // It ended well: a script took what was there for what was sent.
  it.each(['0', '3', '2', '1'])('ends as the stock tool where commands fail: -E %s', (most) => {
    const failing = fullStream('one', (e) => {
      e.mkfile(text('file'), 1);
      for (const name of ['missing', 'neither']) e.unlink(text(name));
      e.mkfile(text('behind'), 2);
    });
    const outcome = (tool: typeof dendro): unknown[] => {
      clean();
      const { status, stderr } = tool(['receive', '-E', most, target.dir], { input: failing });
      return [status, stderr.split('\n').filter((line) => line.startsWith('ERROR')).length];
    };
    const ours = outcome(dendro);
    expect(ours).toEqual(outcome(btrfs));
    expect(ours[0]).toBe(1);
    const folder = mkdtempSync(join(work, 'plain-'));
    const plain = dendro(['receive', '--plain', '-E', most, folder], { input: failing });
    expect([plain.status, existsSync(join(folder, 'one/behind'))]).toEqual([1, +most % 3 === 0]);
  });

  it('tells each command in the words of the stock tool with -v and -vv', () => {
    run('btrfs', ['subvolume', 'create', at('spoken')]);
    run('bash', ['-c', SPOKEN, 'bash', at('spoken')]);
    run('btrfs', ['subvolume', 'snapshot', '-r', at('spoken'), at('said-1')]);
    run('bash', ['-c', SPOKEN_NEXT, 'bash', at('spoken')]);
    run('btrfs', ['subvolume', 'snapshot', '-r', at('spoken'), at('said-2')]);
    const send = (name: string, args: string[]): string[] => [
      'send',
      '-q',
      '-f',
      file(name),
      ...args,
    ];
    btrfs(send('kernel', [at('said-1')]));
    btrfs(send('next', ['--proto', '2', '-p', at('said-1'), at('said-2')]));
    btrfs(send('compressed', ['--proto', '2', '--compressed-data', at('said-1')]));
    // What the kernel does not send: space that is set aside.
    dendro(send('set-aside', ['--proto', '2', at('said-1')]));
    const empty = (): void => {
      for (const name of ['said-1', 'said-2'])
        btrfs(['subvolume', 'delete', join(target.dir, name)]);
    };
    const told = (tool: typeof dendro, words: string[]): unknown[] =>
      ['kernel', 'next', 'compressed', 'set-aside'].map((name) => {
        if (name !== 'next') empty();
        const { status, stdout, stderr } = tool([
          'receive',
          ...words,
          '-f',
          file(name),
          target.dir,
        ]);
        return [name, status, stdout.toString(), ...stderr.split('\n')];
      });
    let all = '';
    for (const words of [['-v'], ['-q', '-e'], ['-vv']]) {
      const ours = told(dendro, words);
      expect(ours).toEqual(told(btrfs, words));
      all = JSON.stringify(ours);
    }
    for (const word of ['fallocate', 'encoded_write', 'remove_xattr']) expect(all).toContain(word);
    empty();
  });

  it('reads from stdin, and what arrives equals the source', () => {
    clean();
    expect(dendro(['receive', '-q', target.dir], { input: readFileSync(file('full')) })).toEqual(
      expect.objectContaining({ status: 0, stderr: '' }),
    );
    const increment = readFileSync(file('increment'));
    expect(dendro(['receive', '-q', '-C', target.dir], { input: increment }).status).toBe(0);
    expect(arrived('one')).toEqual([]);
    expect(arrived('two')).toEqual([]);
  });

  // The first of two receives swallowed what was meant for the second.
  it.each<[string, string[]]>([
    ['one after another from a pipe', ['-c', 'cat "$1" | { "${@:3}" -e "$2"; "${@:3}" -e "$2"; }']],
    ['one after another from a file', ['-c', '{ "${@:3}" -e "$2"; "${@:3}" -e "$2"; } < "$1"']],
  ])('-e reads no further than its stream: %s', (_, script) => {
    for (const tool of [['btrfs'], [process.execPath, ENTRY]]) {
      clean();
      run('bash', [...script, 'bash', file('two-streams'), target.dir, ...tool, 'receive', '-q']);
      expect([tool, ...arrived('one'), ...arrived('two')]).toEqual([tool]);
    }
  });

  it.each([
    [['-q'], ['receive', '-f', 'FILES/full', 'TARGET']],
    [['--quiet'], ['receive', '-f', 'FILES/full', 'TARGET']],
    [['-v'], ['send', '-f', 'FILES/again', 'SRC/one']],
  ])('takes %j before the command', (globals, words) => {
    clean();
    const placed = words.map((word) =>
      word.replace('FILES', work).replace('TARGET', target.dir).replace('SRC', source.dir),
    );
    const theirs = btrfs([...globals, ...placed]);
    if (words[0] === 'receive') clean();
    const ours = dendro([...globals, ...placed]);
    expect([ours.status, ours.stdout.toString()]).toEqual([0, theirs.stdout.toString()]);
    const lines = (text: string): string[] =>
      text.split('\n').filter((line) => line.startsWith('At '));
    expect(lines(ours.stderr)).toEqual(lines(theirs.stderr));
  });

  it('dumps the same lines', () => {
    for (const name of ['full', 'increment', 'two-streams', 'joined']) {
      const theirs = btrfs(['receive', '--dump', '-f', file(name)]);
      const ours = dendro(['receive', '--dump', '-f', file(name)]);
      expect(ours.stdout.toString()).toBe(theirs.stdout.toString());
      expect(ours.status).toBe(theirs.status);
    }
  });
});

/** Something for each command that there is a word for. */
const SPOKEN = `
  set -e; cd "$1"
  mkdir dir gone; echo hello > dir/file; ln dir/file dir/link; ln -s dir/file symlink
  mkfifo pipe; mknod device c 1 3; truncate -s 1M hole; fallocate -l 100000 aside
  setfattr -n user.one -v 'a value' dir/file; setfattr -n user.bytes -v 0x41004200 dir/file
  head -c 200000 /dev/urandom > large; cp --reflink=always large twin
  touch small; btrfs property set small compression zstd; head -c 300000 /dev/zero > small
  chmod 6755 dir/file; chown 5:6 large`;
const SPOKEN_NEXT = `
  set -e; cd "$1"
  mv dir other; setfattr -x user.one other/file; rm device; rmdir gone; echo more >> large
  truncate -s 10 hole; touch -d '2001-02-03 04:05:06.789' pipe`;
