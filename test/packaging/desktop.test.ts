import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import {
  APT_HOOK,
  DNF_HOOK,
  SYSTEM_FILES,
  ZSH_DEBIAN,
  ZSH_ELSEWHERE,
} from '../../packaging/deb/system-files.ts';
import { STREAM_MAGIC } from '../../main/engine/stream/protocol.ts';
import { BUILD_MS, ensureBuilt, top } from './built.ts';
import { layStandInElectron } from './stand-in-electron.ts';
import { layStandInNode } from './stand-in-node.ts';
import { lacks } from './tools.ts';

const at = (path: string): string => join(top, path);
const config = parse(readFileSync(at('electron-builder.yml'), 'utf8')) as {
  linux: { desktop: { entry: Record<string, string>; desktopActions: Record<string, object> } };
  deb: { fpm: string[] };
  rpm: { fpm: string[] };
};

describe('the unpacked app', () => {
  let work: string;
  let app: string;
  const inApp = (path: string): string => join(app, path);

  beforeAll(() => {
    ensureBuilt();
    work = mkdtempSync(join(tmpdir(), 'dendro-desktop-'));
    const { version } = JSON.parse(
      readFileSync(at('node_modules/electron/package.json'), 'utf8'),
    ) as { version: string };
    layStandInElectron(join(work, 'electron'), version);
    execFileSync(
      process.execPath,
      [
        'packaging/desktop/build-desktop.ts',
        '--dir',
        `-c.electronDist=${join(work, 'electron')}`,
        `-c.directories.output=${join(work, 'dist')}`,
      ],
      {
        cwd: top,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, DENDRO_OWN_NODE: layStandInNode(work) },
      },
    );
    app = join(work, 'dist/linux-unpacked');
  }, BUILD_MS);
  afterAll(() => rmSync(work, { recursive: true }));

  test('has its native libraries beside the archive, for the loader', () => {
    const archive = inApp('resources/app.asar');
    const listed = execFileSync(at('node_modules/.bin/asar'), ['list', archive]).toString();
    const names = listed.split('\n');
    for (const name of [
      '/package.json',
      '/out/main/app/app.js',
      '/out/main/app/preload.cjs',
      '/out/main/engine/worker.js',
      '/out/renderer/index.html',
    ]) {
      expect(names).toContain(name);
    }
    const libraries = names.filter((name) => name.endsWith('.node'));
    expect(libraries).toHaveLength(4);
    for (const name of libraries) {
      expect(existsSync(inApp(`resources/app.asar.unpacked${name}`)), name).toBe(true);
    }
    expect(listed).not.toMatch(/\.(ts|tsx|map)$/m);
    expect(listed).not.toMatch(/^\/(test|packaging|docs|renderer)\b/m);
  });

  test('can neither be made to run other code nor be looked into', async () => {
    // Loaded as electron-builder has it: the package is its dependency, not ours.
    const load = createRequire(at('node_modules/app-builder-lib/package.json'));
    const { getCurrentFuseWire, FuseV1Options } = load('@electron/fuses') as {
      getCurrentFuseWire(path: string): Promise<Record<number, number>>;
      FuseV1Options: Record<string, number>;
    };
    const wire = await getCurrentFuseWire(inApp('dendro-desktop'));
    // The byte '1' (Electron's docs/tutorial/fuses.md).
    const ENABLED = 0x31;
    const isOn = (name: string): boolean => wire[FuseV1Options[name]!] === ENABLED;
    expect({
      RunAsNode: isOn('RunAsNode'),
      EnableNodeOptionsEnvironmentVariable: isOn('EnableNodeOptionsEnvironmentVariable'),
      EnableNodeCliInspectArguments: isOn('EnableNodeCliInspectArguments'),
      OnlyLoadAppFromAsar: isOn('OnlyLoadAppFromAsar'),
      EnableCookieEncryption: isOn('EnableCookieEncryption'),
      GrantFileProtocolExtraPrivileges: isOn('GrantFileProtocolExtraPrivileges'),
    }).toEqual({
      RunAsNode: false,
      EnableNodeOptionsEnvironmentVariable: false,
      EnableNodeCliInspectArguments: false,
      OnlyLoadAppFromAsar: true,
      EnableCookieEncryption: true,
      GrantFileProtocolExtraPrivileges: false,
    });
  });

  test('brings the command line and the service, which run', () => {
    const { version } = JSON.parse(readFileSync(at('package.json'), 'utf8')) as {
      version: string;
    };
    const said = execFileSync(inApp('program/bin/dendro'), ['--version'], {
      env: { PATH: '/usr/bin:/bin', HOME: work },
    });
    expect(said.toString()).toBe(`dendro ${version}\n`);
    expect(existsSync(inApp('program/sbom.cdx.json'))).toBe(true);
  });
});

describe('what the packages put into the system', () => {
  test.each([
    ['deb', config.deb.fpm, [...SYSTEM_FILES, ZSH_DEBIAN, APT_HOOK]],
    ['rpm', config.rpm.fpm, [...SYSTEM_FILES, ZSH_ELSEWHERE, DNF_HOOK]],
  ] as const)('%s: every file is there, and is what the headless one has', (_kind, fpm, table) => {
    const mapped = fpm.filter((line) => !line.startsWith('--')).map((line) => line.split('='));
    for (const [source] of mapped) expect(existsSync(at(source!)), source).toBe(true);
    const lines = new Set(mapped.map(([source, target]) => `${source} ${target}`));
    for (const [source, target] of table) expect(lines).toContain(`${source} /${target}`);
  });

  test('the desktop entry is valid, and the one that electron-builder writes', () => {
    const file = at('packaging/desktop/io.github.dendro.desktop');
    if (!lacks('desktop-file-validate')) {
      const said = execFileSync('desktop-file-validate', ['--warn-kde', file]).toString();
      expect(said).toBe('');
    }
    const groups = groupsOf(readFileSync(file, 'utf8'));
    const { entry, desktopActions } = config.linux.desktop;
    expect(groups.get('Desktop Entry')).toMatchObject(entry);
    for (const [name, action] of Object.entries(desktopActions)) {
      expect(groups.get(`Desktop Action ${name}`)).toEqual(action);
    }
  });

  test.skipIf(lacks('appstreamcli'))('the page for software centres is valid', () => {
    const file = at('packaging/desktop/io.github.dendro.metainfo.xml');
    execFileSync('appstreamcli', ['validate', '--no-net', file], { stdio: 'pipe' });
  });

  test.skipIf(lacks('xmllint'))('the polkit action and the MIME type are well-formed', () => {
    for (const name of ['polkit/io.github.dendro.policy', 'desktop/io.github.dendro.mime.xml']) {
      execFileSync('xmllint', ['--nonet', '--noout', at(`packaging/${name}`)], { stdio: 'pipe' });
    }
  });

  test.skipIf(lacks('update-mime-database'))('a stream file has its MIME type by its magic', () => {
    const folder = mkdtempSync(join(tmpdir(), 'dendro-mime-'));
    try {
      const packages = join(folder, 'packages');
      mkdirSync(packages);
      copyFileSync(at('packaging/desktop/io.github.dendro.mime.xml'), join(packages, 'dendro.xml'));
      execFileSync('update-mime-database', [folder], { stdio: 'pipe' });
      // shared-mime-info specification, 2.4: "[80:type]", then ">offset=", a length, the value.
      const magic = readFileSync(join(folder, 'magic')).toString('latin1');
      const value = 'btrfs-stream\0';
      expect(magic).toContain('[80:application/x-btrfs-send-stream]\n>0=\0\r' + value);
      // What is written is what our own encoder begins a stream with.
      expect(Buffer.from(STREAM_MAGIC).toString('latin1')).toBe(value);
      const globs = readFileSync(join(folder, 'globs2'), 'utf8');
      expect(globs).toMatch(/:application\/x-btrfs-send-stream:\*\.btrfs$/m);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('icons are there in the sizes that themes ask for', () => {
    for (const size of [16, 24, 32, 48, 64, 128, 256, 512]) {
      const png = readFileSync(at(`packaging/icons/${size}x${size}.png`));
      // IHDR: width and height, big-endian (PNG specification, 11.2.2).
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size]);
    }
  });

  test('scripts are shell that parses', () => {
    for (const name of ['after-install.sh', 'after-remove.sh', 'dendro.sh']) {
      const file = at(`packaging/desktop/${name}`);
      execFileSync('sh', ['-n', file]);
      expect(statSync(file).mode & 0o111).not.toBe(0);
      // electron-builder would take it for a macro of its own.
      expect(readFileSync(file, 'utf8')).not.toMatch(/\$\{/);
    }
  });
});

function groupsOf(text: string): Map<string, Record<string, string>> {
  const groups = new Map<string, Record<string, string>>();
  let current: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const head = /^\[(.+)\]$/.exec(line)?.[1];
    if (head !== undefined) groups.set(head, (current = {}));
    const [, key, value] = /^([\w[\]-]+)=(.*)$/.exec(line) ?? [];
    if (key !== undefined) current[key] = value!;
  }
  return groups;
}
