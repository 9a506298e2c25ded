import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { run } from '../harness/run.ts';
import { dendro } from '../harness/dendro.ts';
import { endWithDemo } from './dendro.ts';
import { say } from './say.ts';

const root = join(import.meta.dirname, '../..');

/** Serves the page until Ctrl-C; builds it first when that was not done yet. */
export async function openPage(): Promise<void> {
  if (!existsSync(join(root, 'out/renderer/index.html'))) {
    say('Building the page ...');
    run('npm', ['run', '--silent', 'build'], { cwd: root });
  }
  say('The page, until Ctrl-C:');
  const server = spawn(dendro, ['serve'], { stdio: ['ignore', 'pipe', 'inherit'] });
  endWithDemo(server, 'SIGTERM');
  createInterface(server.stdout).on('line', (line) => {
    say(line);
    if (line.startsWith('http')) showInBrowser(line);
  });
  await new Promise((resolve) => server.on('close', resolve));
}

/** Where there is a desktop; elsewhere the address that was printed has to do. */
function showInBrowser(address: string): void {
  if ((process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY'] ?? '') === '') return;
  spawn('xdg-open', [address], { stdio: 'ignore', detached: true }).on('error', () => {
    say('It could not be opened by itself: xdg-open is not installed.');
  });
}
