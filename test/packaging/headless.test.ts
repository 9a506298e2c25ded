import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compareTrees, showDifferences } from '../harness/compare.ts';
import { fillTree } from '../harness/fill.ts';
import { describeKernel } from '../harness/kernel.ts';
import { withBtrfs } from '../harness/loop.ts';
import { run } from '../harness/run.ts';
import { BUILD_MS, ensureBuilt, top } from './built.ts';
import { layStandInNode } from './stand-in-node.ts';
import { lacks } from './tools.ts';

let work: string;
let deb: string;
const inTree = (path: string): string => join(work, 'tree', path);

/** Wherever and whenever it is built. */
function build(name: string, umask: string): string {
  const args = [
    'packaging/deb/build-deb.ts',
    '--fast',
    '--to',
    join(work, name),
    '--node',
    join(work, 'node'),
  ];
  const line = `umask ${umask}; exec "${process.execPath}" ${args.join(' ')}`;
  return execFileSync('sh', ['-c', line], {
    cwd: top,
    encoding: 'utf8',
    env: { ...process.env, SOURCE_DATE_EPOCH: '1790000000', TZ: 'Asia/Tokyo' },
  }).trim();
}

describe.skipIf(lacks('dpkg-deb'))('the headless package', () => {
  beforeAll(() => {
    ensureBuilt();
    work = mkdtempSync(join(tmpdir(), 'dendro-headless-'));
    layStandInNode(work);
    deb = build('one', '022');
    execFileSync('dpkg-deb', ['-x', deb, inTree('')]);
    execFileSync('dpkg-deb', ['-e', deb, inTree('DEBIAN')]);
  }, BUILD_MS);
  afterAll(() => rmSync(work, { recursive: true }));

  test('has the same bytes when it is built again', () => {
    const again = build('two', '077');
    const sum = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');
    expect(sum(again)).toBe(sum(deb));
  });

  test('holds what a system looks for, where it looks', () => {
    for (const path of [
      'usr/bin/dendro',
      'usr/lib/dendro/bin/node',
      'usr/lib/systemd/system/dendro.service',
      'usr/lib/udev/rules.d/70-dendro.rules',
      'usr/share/polkit-1/actions/io.github.dendro.policy',
      'usr/share/mime/packages/io.github.dendro.xml',
      'usr/share/bash-completion/completions/dendro',
      'usr/share/zsh/vendor-completions/_dendro',
      'usr/share/fish/vendor_completions.d/dendro.fish',
      'usr/share/man/man1/dendro.1.gz',
      'usr/share/man/man1/dendro-archive-export.1.gz',
      'usr/share/doc/dendro-headless/copyright',
      'usr/share/doc/dendro-headless/sbom.cdx.json',
      'etc/apt/apt.conf.d/80-dendro',
    ]) {
      expect(existsSync(inTree(path)), path).toBe(true);
    }
    for (const script of ['postinst', 'prerm', 'postrm']) {
      execFileSync('sh', ['-n', inTree(`DEBIAN/${script}`)]);
    }
    // No compiler's input, no type stripping at the start, nothing of Electron.
    const files = execFileSync('find', [inTree('usr/lib/dendro'), '-type', 'f']).toString();
    expect(files).not.toMatch(/\.(ts|map|md|cc|hh|c|h)$/m);
    expect(files).not.toMatch(/electron/i);
    // The unit starts what is there.
    const unit = readFileSync(inTree('usr/lib/systemd/system/dendro.service'), 'utf8');
    expect(unit).toMatch(/^ExecStart=\/usr\/bin\/dendro daemon$/m);
  });

  test('says what it is made of', () => {
    const sbom = JSON.parse(
      readFileSync(inTree('usr/share/doc/dendro-headless/sbom.cdx.json'), 'utf8'),
    ) as { bomFormat: string; components: { name: string; version: string }[] };
    expect(sbom.bomFormat).toBe('CycloneDX');
    const { dependencies } = JSON.parse(readFileSync(join(top, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const named = new Set(sbom.components.map(({ name, version }) => `${name}@${version}`));
    for (const [name, version] of Object.entries(dependencies)) {
      expect(named, name).toContain(`${name}@${version}`);
    }
    expect(named).toContain(`node@${process.versions.node}`);
    expect([...named].filter((name) => /darwin|win32|arm64|musl/.test(name))).toEqual([]);
  });

  describeKernel('where it is installed', () => {
    test('makes a backup and an increment that equal their source', () =>
      withBtrfs({ sizeMiB: 256 }, (source) =>
        withBtrfs({ sizeMiB: 256 }, (target) => {
          const at = (name: string) => join(source.dir, name);
          run('btrfs', ['subvolume', 'create', at('home')]);
          fillTree(at('home'), { seed: 5, files: 30 });
          const line = (text: string) =>
            run('sh', ['-c', text], {
              env: { PATH: `${inTree('usr/bin')}:/usr/sbin:/usr/bin:/sbin:/bin`, HOME: work },
            });
          line(`dendro snapshots create ${at('home')} ${at('one')}`);
          line(`dendro send -q --proto 2 ${at('one')} | dendro receive ${target.dir}`);
          writeFileSync(at('home/new'), 'since then');
          line(`dendro snapshots create ${at('home')} ${at('two')}`);
          line(
            `dendro send -q --proto 2 -p ${at('one')} ${at('two')} | dendro receive ${target.dir}`,
          );
          const copy = join(target.dir, 'two');
          expect(showDifferences(compareTrees(at('two'), copy))).toEqual([]);
        }),
      ));
  });
});
