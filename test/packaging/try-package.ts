/**
 * `npm run package:try [-- DEB]`: installs the headless package in a clean Debian, made by
 * debootstrap, and backs up with it as a person would: two snapshots sent to another btrfs, a plan
 * carried out by the service, a file brought back; then removes the package. As root; the tree and
 * the disks are gone afterwards. DENDRO_TRY_MIRROR names another mirror, DENDRO_TRY_SUITE a release.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { fillTree } from '../harness/fill.ts';
import { withBtrfs } from '../harness/loop.ts';
import { ensureBuilt, top } from './built.ts';

const PLAN = `[[plan]]
name = "Home"
sources = ["/mnt/source/home"]
when = [{ every = "day", hour = 9, minute = 0 }]
keepLocal = { latest = 2 }

[[plan.targets]]
kind = "btrfs"
path = "/mnt/target/backups"
keep = { latest = 3 }
`;
const MIRROR = process.env['DENDRO_TRY_MIRROR'] ?? 'http://deb.debian.org/debian';
const SUITE = process.env['DENDRO_TRY_SUITE'] ?? 'bookworm';

const deb = process.argv[2] ?? built();
const work = mkdtempSync(join(tmpdir(), 'dendro-try-'));
const tree = join(work, 'debian');
const mounted: string[] = [];
try {
  step(`a clean ${SUITE} from ${MIRROR}`, () => debootstrap());
  for (const [type, place] of [
    ['proc', 'proc'],
    ['sysfs', 'sys'],
  ] as const) {
    mount(['-t', type, type], place);
  }
  mount(['--rbind', '/dev'], 'dev');
  step('the package is installed', () => {
    copyFileSync(deb, join(tree, 'root', basename(deb)));
    inside(`dpkg -i /root/${basename(deb)}`);
    inside('getent group dendro && dendro --version && test -s /usr/share/man/man1/dendro.1.gz');
  });
  await withBtrfs({ sizeMiB: 512 }, (source) =>
    withBtrfs({ sizeMiB: 512 }, (target) => backUp(source.dir, target.dir)),
  );
  step('the package is removed, and nothing of it stays', () => {
    inside('dpkg --purge dendro-headless');
    const left = inside(
      'find /usr /etc /var/lib -path /var/lib/dpkg -prune -o -iname "*dendro*" -print',
    );
    if (left.trim() !== '') throw new Error(`left behind:\n${left}`);
  });
  console.log('all as it should be');
} finally {
  for (const place of mounted.reverse()) spawnSync('umount', ['--recursive', '--lazy', place]);
  // Should something be mounted still, removing the tree would remove what is in there.
  if (spawnSync('findmnt', ['-rno', 'TARGET', '--submounts', tree]).stdout.length === 0) {
    rmSync(work, { recursive: true, force: true });
  }
}

function backUp(source: string, target: string): void {
  mount(['--bind', source], 'mnt/source');
  mount(['--bind', target], 'mnt/target');
  step('a full backup and an increment', () => {
    inside('btrfs subvolume create /mnt/source/home');
    fillTree(join(source, 'home'), { seed: 9, files: 200 });
    inside('dendro snapshots create /mnt/source/home /mnt/source/one');
    inside('dendro send --proto 2 /mnt/source/one | dendro receive /mnt/target');
    writeFileSync(join(source, 'home/letter.txt'), 'Dear mum');
    inside('dendro snapshots create /mnt/source/home /mnt/source/two');
    inside('dendro send --proto 2 -p /mnt/source/one /mnt/source/two | dendro receive /mnt/target');
    inside('dendro verify --against /mnt/source/two /mnt/target/two');
    for (const name of ['one', 'two']) {
      const differences = compareTrees(join(source, name), join(target, name));
      if (differences.length > 0) throw new Error(showDifferences(differences).join('\n'));
    }
  });
  step('a file is brought back', () => {
    inside('rm /mnt/source/home/letter.txt');
    inside('dendro restore /mnt/target/two/letter.txt /root');
    inside('grep -q "Dear mum" /root/letter.txt');
  });
  step('the service carries a plan out', () => {
    mkdirSync(join(target, 'backups'));
    writeFileSync(join(tree, 'root/plan.toml'), PLAN);
    // `dendro status` tells of this computer's other disks, too: its answer is not asked here.
    inside(`dendro daemon > /root/daemon.log 2>&1 & service=$!
      trap 'kill $service; wait $service' EXIT
      for i in $(seq 600); do [ -S /run/dendro/dendro.sock ] && break; sleep 0.1; done
      dendro plan add /root/plan.toml; dendro plan run Home; dendro history`);
    const [copy] = readdirSync(join(target, 'backups'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name);
    if (copy === undefined) throw new Error('the plan has sent nothing');
    const differences = compareTrees(join(source, 'home'), join(target, 'backups', copy));
    if (differences.length > 0) throw new Error(showDifferences(differences).join('\n'));
  });
  for (const place of ['mnt/target', 'mnt/source']) {
    execFileSync('umount', [join(tree, place)]);
    mounted.splice(mounted.indexOf(join(tree, place)), 1);
  }
}

function built(): string {
  ensureBuilt();
  const out = execFileSync(process.execPath, ['packaging/deb/build-deb.ts'], {
    cwd: top,
    encoding: 'utf8',
  });
  return out.trim();
}

function debootstrap(): void {
  if (process.getuid?.() !== 0) throw new Error('needs root');
  if (!existsSync('/usr/sbin/debootstrap')) throw new Error('needs: apt-get install debootstrap');
  const include = 'btrfs-progs,util-linux,mount,passwd';
  const cache = join(top, 'node_modules/.cache/debootstrap');
  mkdirSync(cache, { recursive: true });
  const args = [
    '--variant=minbase',
    `--include=${include}`,
    `--cache-dir=${cache}`,
    SUITE,
    tree,
    MIRROR,
  ];
  execFileSync('debootstrap', args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function mount(args: readonly string[], place: string): void {
  const target = join(tree, place);
  mkdirSync(target, { recursive: true });
  execFileSync('mount', [...args, target]);
  mounted.push(target);
  // What is unmounted here stays mounted where it came from.
  execFileSync('mount', ['--make-rslave', target]);
}

/** A shell line in the tree, with nothing of ours in its environment. */
function inside(line: string): string {
  const { status, stdout, stderr } = spawnSync(
    'chroot',
    [tree, '/bin/bash', '-e', '-o', 'pipefail', '-c', line],
    { encoding: 'utf8', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root' } },
  );
  if (status !== 0) throw new Error(`${line}\n${stdout}${stderr}`);
  return stdout;
}

function step(what: string, act: () => void): void {
  const started = performance.now();
  act();
  console.log(`${what}: ${((performance.now() - started) / 1_000).toFixed(1)} s`);
}
