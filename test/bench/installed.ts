import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Arch } from '../../packaging/build/architecture.ts';
import { layStandalone } from '../../packaging/build/program-tree.ts';
import { run } from '../harness/run.ts';

const top = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'dendro-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
run('npm', ['run', '--silent', 'build'], { cwd: top });
layStandalone(top, folder, process.arch as Arch);

/** The command line as a package installs it: what a person runs is measured. */
export const dendro = join(folder, 'bin/dendro');
