/**
 * `npm run package:desktop [-- OPTIONS OF ELECTRON-BUILDER]`: AppImage, deb, rpm and tar.gz of the
 * app. What is not in Electron, the command line and the service with their own Node, is laid out
 * first, for each architecture that is asked for (--x64, --arm64; this machine's by default);
 * DENDRO_OWN_NODE names another program than that from nodejs.org.
 */
import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Arch } from '../build/architecture.ts';
import { layStandalone } from '../build/program-tree.ts';
import { writeSbom } from '../build/sbom.ts';
import { sourceDate } from '../build/source-date.ts';

const top = join(import.meta.dirname, '../..');
const asked = process.argv.slice(2);
const named = (['x64', 'arm64'] as const).filter((arch) => asked.includes(`--${arch}`));
const arches: readonly Arch[] = named.length > 0 ? named : [process.arch as Arch];
const epoch = sourceDate(top, process.env);

for (const arch of arches) {
  const target = join(top, `dist/program-${arch}`);
  rmSync(target, { recursive: true, force: true });
  layStandalone(top, target, arch, process.env['DENDRO_OWN_NODE']);
  writeSbom(top, join(target, 'sbom.cdx.json'), { epoch, arch });
}
const flags = arches.map((arch) => `--${arch}`);
const rest = asked.filter((word) => !flags.includes(word));
execFileSync(join(top, 'node_modules/.bin/electron-builder'), ['--linux', ...flags, ...rest], {
  cwd: top,
  stdio: 'inherit',
  env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
});
