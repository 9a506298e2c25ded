/**
 * `npm start`: the desktop app where Electron's program is here, else the same page in the
 * browser, behind `dendro serve`. Builds when the sources are newer than what was built.
 */
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fetchElectron, findElectron } from './electron-binary.ts';
import { isBuilt } from './is-built.ts';

const top = join(import.meta.dirname, '../..');

const refusal = sandboxRefusal();
const electron = refusal === undefined ? await ownElectron() : { path: null, reason: refusal };
if (!isBuilt(top)) build();
if (electron.path !== null) startApp(electron.path);
else startInBrowser(electron.reason);

/** npm ci does not bring Electron's program: the first start fetches it. */
async function ownElectron() {
  const found = findElectron(top, process.env);
  return found.path === null ? fetchElectron(top, process.env) : found;
}

/** Chromium's sandbox, which the app never gives up, does not start for root. */
function sandboxRefusal(): string | undefined {
  return process.getuid?.() === 0 ? 'Electron’s sandbox does not run as root' : undefined;
}

function build(): void {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: top, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

function startApp(program: string): void {
  end(spawn(program, [top], { stdio: 'inherit' }));
}

function startInBrowser(reason: string): void {
  console.log(`${reason}: Dendro opens in the browser instead.`);
  const serve = spawn(join(top, 'dendro'), ['serve', ...process.argv.slice(2)], {
    stdio: ['inherit', 'pipe', 'inherit'],
  });
  let text = '';
  serve.stdout.setEncoding('utf8').on('data', (part: string) => {
    process.stdout.write(part);
    if (text.includes('\n')) return;
    text += part;
    const address = /http:\/\/\S+(?=\n)/.exec(text)?.[0];
    if (address !== undefined) openBrowser(address);
  });
  // Ctrl-C reaches the service too: it cleans up, and this ends when it has.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => serve.kill(signal));
  end(serve);
}

/** Where there is a desktop to open it on; the printed address serves everywhere else. */
function openBrowser(address: string): void {
  if (!process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return;
  const opener = spawn('xdg-open', [address], { stdio: 'ignore', detached: true });
  opener.on('error', () => undefined);
  opener.unref();
}

function end(child: ReturnType<typeof spawn>): void {
  child.on('error', (error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
  child.on('exit', (code) => (process.exitCode = code ?? 1));
}
