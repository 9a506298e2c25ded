import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { SourceChain } from '../../shared/model/chain.ts';
import { TestDisks } from '../drives/disks.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, type RunResult } from '../harness/run.ts';
import { dendro } from './dendro.ts';

vi.setConfig({ testTimeout: 300_000 });

let laptop: TestBtrfs;
let drive: TestBtrfs;
let disks: TestDisks;
let work: string;

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  laptop = makeBtrfs({ sizeMiB: 300 });
  drive = makeBtrfs({ sizeMiB: 300, mkfsArgs: ['-L', 'Blue Drive'] });
  disks = new TestDisks();
  work = mkdtempSync(join(tmpdir(), 'dendro-cli-verbs-'));
  run('btrfs', ['subvolume', 'create', join(laptop.dir, HOME)]);
  mkdirSync(join(drive.dir, 'backups'));
  writeFileSync(join(laptop.dir, HOME, 'letter'), 'Dear reader');
});
afterAll(() => {
  laptop?.close();
  drive?.close();
  disks?.close();
  if (work) rmSync(work, { recursive: true });
});

describeKernel('plan show', () => {
  // What is said of a file that is not there promises an example; there was none.
  it('prints an example where there is no plan, which can be taken as it is', () => {
    expect(cli('plan', 'add', 'no-such-file').stderr.toString()).toContain('prints an example');
    for (const yaml of [[], ['--yaml']]) {
      const { text } = cli('plan', 'show', ...yaml);
      const example = text.split('like this:')[1]!.replaceAll(/^# ?/gm, '');
      const [none, one] = [join(work, 'none'), join(work, 'one')];
      writeFileSync(none, text);
      writeFileSync(one, example);
      for (const file of [none, one]) {
        expect(cli('plan', 'check', ...yaml, file)).toMatchObject({ status: 0 });
      }
      expect(cli('plan', 'check', ...yaml, one).text).toContain('1 plan');
    }
  });
});

/** No other test has a source of this name. */
const HOME = `home-of-verbs-${process.pid}`;

/** As a person types it, with a history of its own and no daemon. */
function cli(...args: string[]): RunResult & { readonly text: string } {
  const env = { DENDRO_STATE: join(work, 'state'), DENDRO_SOCKET: join(work, 'no.sock') };
  const result = dendro(args, { env });
  return { ...result, text: result.stdout.toString() };
}

const sentence = (): string =>
  cli('status')
    .text.split('\n')
    .find((line) => line.startsWith(HOME))!;
const chain = (): SourceChain =>
  (JSON.parse(cli('chain', '--json', HOME).text) as SourceChain[])[0]!;

describeKernel('what a person does with a plan at the command line', () => {
  let stick: string;
  let newest: string | undefined;

  it('runs to a btrfs drive and to stream files; says where it is safe and what comes next', () => {
    const device = disks.plug(disks.formatted('stick', 'mkfs.ext4', ['-q', '-L', 'Stick'], 200));
    stick = disks.mount(device, 'stick-mount');
    mkdirSync(join(stick, 'archive'));
    const plan = `[[plan]]
name = "Home"
sources = ["${laptop.dir}/${HOME}"]
when = [{ every = "day", hour = 9, minute = 0 }]
keepLocal = { latest = 1 }
[[plan.targets]]
kind = "btrfs"
path = "${drive.dir}/backups"
keep = { latest = 2, daily = 3 }
[[plan.targets]]
kind = "archive"
path = "${stick}/archive"
keep = { latest = 2 }
`;
    writeFileSync(join(work, 'plan.toml'), plan);
    expect(cli('plan', 'add', join(work, 'plan.toml')).status).toBe(0);
    const ran = cli('plan', 'run', 'Home');
    expect(ran.status).toBe(0);
    expect(ran.stderr).toMatch(/Home-of-verbs-\d+ to Blue Drive: done/);
    expect(ran.stderr).toMatch(/Home-of-verbs-\d+ to Stick: done/);
    // Both copies are told as being here, and both can be built on.
    expect(sentence()).toMatch(
      /on this computer, (Blue Drive and Stick \(archive\)|Stick \(archive\) and Blue Drive), checked/,
    );
    const { places, points } = chain();
    expect(points).toHaveLength(1);
    expect(places.map(({ present, next }) => [present, next])).toEqual([
      [true, 'increment'],
      [true, 'increment'],
    ]);
    expect(cli('pins').text).toMatch(
      /Blue Drive .*Stick \(archive\)|Stick \(archive\) .*Blue Drive/s,
    );
  });

  it('a drive that is away: said in the run, the sentence and the chain; its parent stays', () => {
    drive.unmount();
    drive.detach(0);
    writeFileSync(join(laptop.dir, HOME, 'later'), 'more');
    const ran = cli('plan', 'run', 'Home');
    expect(ran.status).toBe(0);
    expect(ran.stderr).toContain('Home to Blue Drive (backups): not here, gets it later');
    expect(sentence()).toMatch(/on this computer and Stick \(archive\)/);
    const { places, points, source } = chain();
    expect(places.filter(({ present }) => !present).map(({ name }) => name)).toEqual([
      'Blue Drive',
    ]);
    // One is to be kept here, and one more waits for the drive.
    const here = points.filter((point) => point.places.includes(source.volumeId));
    expect(here).toHaveLength(2);
    newest = points[0]!.pointId;
  });

  it('preview tells times and reasons in words, for each place by its name', () => {
    const { text } = cli('plan', 'preview', '--months', '1', 'Home');
    expect(text).toMatch(/^next runs:\n( {2}\d{4}-\d\d-\d\d 09:00:00\n)+/);
    expect(text).toMatch(/this computer, in 1 month .*: 3 points\n/);
    expect(text).toMatch(/Blue Drive \(backups\), in 1 month/);
    expect(text).toContain('the next backup builds on it');
    expect(text).toContain('the last of its day');
    const local = cli('plan', 'preview', '--months', '1', '--place', 'local', 'Home').text;
    expect(local).not.toContain('Blue Drive');
    // A place that the plan does not have was previewed with rules of nobody.
    const { status, stderr } = cli('plan', 'preview', '--place', 'Blue', 'Home');
    expect(status).toBe(2);
    expect(stderr).toMatch(/has no place "Blue"\.\n {2}There are: local, /);
  });

  it('tags a point for ever, and leaves it to the rules again', () => {
    const point = newest!.slice(0, 8);
    expect(cli('tag', point, 'before the move').status).toBe(0);
    expect(cli('tag').text).toMatch(/before the move/);
    expect(cli('tag', '--remove', point).status).toBe(0);
    expect(cli('tag').text).not.toMatch(/before the move/);
  });

  it('gives up a drive that never came back, and a plan', () => {
    expect(cli('pins', 'release', 'Blue Drive').status).toBe(0);
    expect(cli('pins').text).not.toContain('Blue Drive');
    expect(cli('plan', 'remove', 'Home').status).toBe(0);
    expect(cli('plan', 'list', '--json').text.trim()).toBe('[]');
    expect(cli('archive', 'list', join(stick, 'archive')).text).toContain(HOME);
  });

  it('find says what it has not looked into yet', () => {
    expect(cli('find', 'letter').stderr).toMatch(/not looked into yet: dendro find --update/);
  });
});
