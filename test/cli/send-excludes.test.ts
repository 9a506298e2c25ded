import * as fs from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, type RunResult } from '../harness/run.ts';
import { dendro } from './dendro.ts';

let source: TestBtrfs;
let target: TestBtrfs;
const at = (name: string): string => join(source.dir, name);

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  source = makeBtrfs();
  target = makeBtrfs();
  run('btrfs', ['-q', 'subvolume', 'create', at('work')]);
  fs.mkdirSync(at('work/cache'));
  for (const path of ['keep', 'a.tmp', 'cache/c']) fs.writeFileSync(at(`work/${path}`), path);
  snapshot('one');
  fs.writeFileSync(at('work/a.tmp'), 'changed');
  fs.writeFileSync(at('work/b.tmp'), 'new');
  fs.writeFileSync(at('work/cache/d'), 'new');
  snapshot('two');
  fs.writeFileSync(at('work/more'), 'more');
  snapshot('three');
});
afterAll(() => {
  source?.close();
  target?.close();
});

function snapshot(name: string): void {
  run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', at('work'), at(name)]);
}

const send = (...args: string[]): RunResult =>
  dendro(['send', ...args], { env: { DENDRO_STATE: join(target.dir, '..', 'state') } });
const listing = (name: string): string[] =>
  (fs.readdirSync(join(target.dir, name), { recursive: true }) as string[]).sort();
function receive(result: RunResult): void {
  expect(result.stderr).not.toContain('ERROR');
  run('btrfs', ['-q', 'receive', target.dir], { input: result.stdout });
}

describeKernel('dendro send --exclude', () => {
  it('is remembered: an increment leaves out the same, and other patterns from then on', () => {
    receive(send('--exclude', '*.tmp', '--exclude', '/cache/', at('one')));
    expect(listing('one')).toEqual(['keep']);
    const increment = send('-p', at('one'), at('two'));
    expect(increment.stderr).toContain("'*.tmp' '/cache/'");
    receive(increment);
    expect(listing('two')).toEqual(['keep']);
    receive(send('-p', at('two'), '--exclude', '*.tmp', at('three')));
    expect(listing('three')).toEqual(['cache', 'cache/c', 'cache/d', 'keep', 'more']);
    expect(fs.readFileSync(join(target.dir, 'three/cache/d'), 'utf8')).toBe('new');
  });

  it('makes a snapshot that is not taken for the whole one', () => {
    const whole = run('btrfs', ['-q', 'send', '-p', at('two'), at('three')]).stdout;
    const other = target.dir;
    run('btrfs', ['-q', 'subvolume', 'delete', join(other, 'three')]);
    const refused = run('btrfs', ['-q', 'receive', other], { input: whole, accept: [1] });
    expect(refused.stderr).toContain('cannot find parent');
    const all = send('-p', at('two'), '--parent-exclude', '', at('three')).stdout;
    const again = run('btrfs', ['-q', 'receive', other], { input: all, accept: [1] });
    expect(again.stderr).toContain('cannot find parent');
    // Nothing is left out any more: what was comes now.
    receive(send('-p', at('two'), '--exclude', '', at('three')));
    expect(listing('three')).toContain('a.tmp');
  });

  it('asks when a snapshot was sent without this and without that', () => {
    send('--exclude', 'keep', at('one'));
    const asked = send('-p', at('one'), at('two'));
    expect(asked.status).toBe(1);
    expect(asked.stderr).toContain('--parent-exclude');
    expect(send('-p', at('one'), '--parent-exclude', 'keep', at('two')).status).toBe(0);
    expect(send('-p', at('one'), '--exclude', 'keep', at('two')).status).toBe(0);
  });

  it('takes a file of patterns that Windows wrote', () => {
    const file = join(target.dir, '..', 'patterns');
    fs.writeFileSync(file, '\uFEFF*.tmp\r\n\r\n/cache/\r\n');
    const result = send('--exclude-from', file, at('two'));
    fs.mkdirSync(join(target.dir, 'windows'));
    run('btrfs', ['-q', 'receive', join(target.dir, 'windows')], { input: result.stdout });
    expect(listing('windows/two')).toEqual(['keep']);
  });

  it('says which file of patterns cannot be read', () => {
    const failed = send('--exclude-from', '/nowhere', at('one'));
    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain("cannot read '/nowhere': ENOENT");
  });
});

// It ended well, with nothing.
describeKernel('dendro send --resume-from', () => {
  it('says that there is no such command', () => {
    const result = send('--resume-from', '100000', '--exclude', '', at('one'));
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/There is no command 100000: the stream has \d+\./);
  });
});

describeKernel('dendro send -c without -p', () => {
  it('takes the parent with the smallest stream, and says the sizes with -v', () => {
    const nothing = ['--parent-exclude', ''];
    const result = send('-v', ...nothing, '-c', at('one'), '-c', at('two'), at('three'));
    expect(result.status).toBe(0);
    expect(result.stderr).toMatch(/from .*two: \d+ bytes/);
    const exact = send('-q', ...nothing, '-p', at('two'), '-c', at('one'), at('three')).stdout;
    expect(result.stdout.equals(exact)).toBe(true);
  });

  // 200 candidates took minutes.
  it('looks at the nearest of many, and at the full send', () => {
    for (let i = 0; i < 40; i++) {
      fs.appendFileSync(at('work/more'), `line ${i}`);
      snapshot(`of-many-${i}`);
    }
    const others = Array.from({ length: 39 }, (_, i) => ['-c', at(`of-many-${i}`)]).flat();
    const result = send('-v', ...others, at('of-many-39'));
    expect(result.status).toBe(0);
    expect(result.stderr).toMatch(/from .*of-many-38: \d+ bytes/);
    expect(result.stderr.match(/^from /gm)).toHaveLength(33);
    expect(result.stderr).toMatch(/^in full: /m);
    const exact = send('-q', '-p', at('of-many-38'), ...others, at('of-many-39')).stdout;
    expect(result.stdout.equals(exact)).toBe(true);
  });
});
