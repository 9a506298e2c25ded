import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../harness/run.ts';

const top = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'dendro-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/**
 * The launcher of the command line as a package installs it: bundled from this tree's sources, with
 * their Node. What a person runs is measured, not the sources being stripped of their types.
 */
export const dendro = join(folder, 'bin/dendro');

run(process.execPath, [join(top, 'packaging/build/build.ts')]);
const library = join(folder, 'lib/dendro');
mkdirSync(join(folder, 'bin'), { recursive: true });
mkdirSync(library, { recursive: true });
copyFileSync(join(top, 'packaging/dendro.sh'), dendro);
symlinkSync(join(top, 'out'), join(library, 'out'));
symlinkSync(join(top, 'node_modules/node/bin'), join(library, 'bin'));
