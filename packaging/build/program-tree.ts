import {
  chmodSync,
  cpSync,
  globSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { Arch } from './architecture.ts';
import { nodeFolder, packageFolder } from './locked-package.ts';

/** Files of a package that run; sources, declarations and documents of it stay away. */
const RUNS = ['package.json', 'LICENSE*', '*.js', '*.cjs', 'lib/**/*.{js,cjs}'];

/** npm package -> patterns of what is taken of it, for one architecture. */
function natives(arch: Arch): Readonly<Record<string, readonly string[]>> {
  return {
    'better-sqlite3': [...RUNS, `prebuilds/linux-${arch}.node`],
    koffi: [...RUNS, 'src/koffi/**/*.{js,cjs}'],
    [`@koromix/koffi-linux-${arch}`]: [...RUNS, `linux_${arch}/*.node`],
    '@node-rs/crc32': RUNS,
    [`@node-rs/crc32-linux-${arch}-gnu`]: [...RUNS, '*.node'],
    '@node-rs/xxhash': RUNS,
    [`@node-rs/xxhash-linux-${arch}-gnu`]: [...RUNS, '*.node'],
  };
}

/**
 * The command line and the service as a folder that runs wherever it lies, by its `bin/dendro`;
 * with Node's own program, or another that was built of the same version.
 */
export function layStandalone(top: string, target: string, arch: Arch, ownNode?: string): void {
  const program = join(target, 'lib/dendro');
  layProgram(top, program, arch, ownNode);
  // What only Electron runs.
  rmSync(join(program, 'out/main/app'), { recursive: true });
  const launcher = join(target, 'bin/dendro');
  mkdirSync(dirname(launcher), { recursive: true });
  cpSync(join(top, 'packaging/dendro.sh'), launcher);
  chmodSync(launcher, 0o755);
}

/** The bundle, native packages and Node. */
function layProgram(top: string, target: string, arch: Arch, ownNode?: string): void {
  for (const folder of ['out/main', 'out/renderer']) {
    cpSync(join(top, folder), join(target, folder), { recursive: true });
  }
  for (const [name, patterns] of Object.entries(natives(arch))) {
    layPackage(packageFolder(top, name), join(target, 'node_modules', name), patterns);
  }
  const { name, version, type, license } = JSON.parse(
    readFileSync(join(top, 'package.json'), 'utf8'),
  ) as Record<string, string>;
  const described = { name, version, type, license };
  writeFileSync(join(target, 'package.json'), `${JSON.stringify(described, null, 2)}\n`);
  if (ownNode !== undefined) return layNode(ownNode, target);
  const node = nodeFolder(top, arch);
  layNode(join(node, 'bin/node'), target);
  cpSync(join(node, 'LICENSE'), join(target, 'LICENSE.node'));
}

function layNode(program: string, target: string): void {
  mkdirSync(join(target, 'bin'));
  cpSync(program, join(target, 'bin/node'));
}

function layPackage(source: string, target: string, patterns: readonly string[]): void {
  for (const path of globSync([...patterns], { cwd: source })) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(source, path), join(target, path));
  }
}
