import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Plan } from '../../shared/model/plan.ts';
import { describeKernel } from '../harness/kernel.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import type { RunResult } from '../harness/run.ts';
import { run } from '../harness/run.ts';
import { dendro } from './dendro.ts';

vi.setConfig({ testTimeout: 300_000 });

let laptop: TestBtrfs;
let drive: TestBtrfs;
let work: string;
const file = (name: string): string => join(work, name);

beforeAll(() => {
  if (process.getuid?.() !== 0) return;
  laptop = makeBtrfs({ sizeMiB: 300 });
  drive = makeBtrfs({ sizeMiB: 300 });
  work = mkdtempSync(join(tmpdir(), 'dendro-cli-plan-'));
  run('btrfs', ['subvolume', 'create', join(laptop.dir, 'home')]);
  mkdirSync(join(drive.dir, 'backups'));
  writeFileSync(join(laptop.dir, 'home', 'letter'), 'Dear reader');
  writeFileSync(join(laptop.dir, 'home', 'junk.tmp'), 'junk');
});
afterAll(() => {
  laptop?.close();
  drive?.close();
  if (work) rmSync(work, { recursive: true });
});

/** As a person types it, with a history of its own and no daemon. */
function cli(...args: string[]): RunResult & { readonly text: string } {
  const env = { DENDRO_STATE: file('state'), DENDRO_SOCKET: file('no.sock') };
  const result = dendro(args, { env });
  return { ...result, text: result.stdout.toString() };
}

const PLAN = (daily: string): string => `[[plan]]
name = "Home"
sources = ["${laptop.dir}/home"]
when = [{ every = "day", hour = 9, minute = 0 }, { every = "plug-in" }]
keepLocal = { latest = 2, daily = ${daily} }
excludes = ["*.tmp"]

[plan.conditions]
notMetered = true

[[plan.targets]]
kind = "btrfs"
path = "${drive.dir}/backups"
keep = { latest = 3, minFreePercent = 5 }

[[plan.targets]]
kind = "ssh"
url = "ssh://me@nas/backups"
keep = { monthly = 12 }
`;
const planNow = (): Plan => (JSON.parse(cli('plan', 'list', '--json').text) as Plan[])[0]!;

describeKernel('dendro plan', () => {
  it('takes a plan from a file, finds its folders, and shows it in the form it was written in', () => {
    writeFileSync(file('home.toml'), PLAN('7'));
    const added = cli('plan', 'add', file('home.toml'));
    expect([added.status, added.stderr]).toEqual([0, '']);
    const shown = cli('plan', 'show', 'Home').text;
    expect(shown).toContain('folder = "backups"');
    expect(shown).toContain('url = "ssh://me@nas/backups"');
    expect(shown).toContain('excludes = [ "*.tmp" ]');
    // What is shown can be added again, in either form.
    writeFileSync(file('again.yaml'), cli('plan', 'show', '--yaml', 'Home').text);
    expect(cli('plan', 'add', file('again.yaml')).status).toBe(0);
    expect(cli('plan', 'list').text).toMatch(/Home +every day at 09:00; when plugged in +never/);
  });

  it('tells mistakes with line and reason, and leaves the plan in force as it was', () => {
    const before = planNow();
    const wrong: [string, RegExp][] = [
      [PLAN('-7'), /line 5: "keepLocal.daily": /],
      [PLAN('7').replace('kind = "ssh"', 'kind = "ftp"'), /line 17: .*"btrfs", "archive" or "ssh"/],
      [PLAN('7').replace('ssh://me@nas/backups', 'ssh://-oProxyCommand=x/y'), /line 18: .*ssh:/],
    ];
    for (const [text, told] of wrong) {
      writeFileSync(file('wrong.toml'), text);
      const refused = cli('plan', 'edit', 'Home', file('wrong.toml'));
      expect(refused.status).toBe(2);
      expect(refused.stderr).toMatch(told);
      expect(refused.stderr).toContain('stay in force');
    }
    const nowhere = PLAN('7').replace(`${drive.dir}/backups`, '/proc/not-a-drive');
    writeFileSync(file('wrong.toml'), nowhere);
    expect(cli('plan', 'edit', 'Home', file('wrong.toml'))).toMatchObject({ status: 6 });
    expect(cli('plan', 'add', file('none.toml'))).toMatchObject({ status: 2 });
    expect(planNow()).toEqual(before);
  });
});
