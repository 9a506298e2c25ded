import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../harness/run.ts';
import { dendro } from '../harness/dendro.ts';
import { say } from './say.ts';

const root = join(import.meta.dirname, '../..');

/** Serves the page until Ctrl-C; builds it first when that was not done yet. */
export async function openPage(): Promise<void> {
  if (!existsSync(join(root, 'out/renderer/index.html'))) {
    say('Building the page ...');
    run('npm', ['run', '--silent', 'build'], { cwd: root });
  }
  say('The page, until Ctrl-C:');
  const server = spawn(dendro, ['serve'], { stdio: 'inherit' });
  await new Promise((resolve) => server.on('close', resolve));
}
