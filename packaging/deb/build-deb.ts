/**
 * `npm run package:headless [-- --arch arm64] [--to FOLDER] [--node FILE] [--fast]`: the command line and the
 * service as a Debian package, without Electron. Needs dpkg-deb, and `npm run build` before it.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readVersion } from '../../main/cli/version.ts';
import { DEBIAN_ARCH, isArch } from '../build/architecture.ts';
import { sourceDate } from '../build/source-date.ts';
import { layPackage } from './lay-package.ts';

const top = join(import.meta.dirname, '../..');
const { values } = parseArgs({
  options: {
    arch: { type: 'string', default: process.arch },
    to: { type: 'string', default: join(top, 'dist') },
    // Another program than that from nodejs.org.
    node: { type: 'string' },
    // Larger, and made in seconds: for tests.
    fast: { type: 'boolean', default: false },
  },
});
const { arch, to } = values;
if (!isArch(arch)) throw new Error(`there are packages for x64 and arm64, not for ${arch}`);

const version = readVersion();
const epoch = sourceDate(top, process.env);
const file = join(to, `dendro-headless_${version}_${DEBIAN_ARCH[arch]}.deb`);
const work = mkdtempSync(join(tmpdir(), 'dendro-deb-'));
try {
  layPackage(work, { top, arch, version, epoch, ownNode: values.node });
  mkdirSync(to, { recursive: true });
  const packing = values.fast ? ['-Zzstd', '-z1'] : ['-Zxz'];
  execFileSync('dpkg-deb', ['--root-owner-group', ...packing, '--build', work, file], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
  });
  console.log(file);
} finally {
  rmSync(work, { recursive: true });
}
