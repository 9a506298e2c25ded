import { spawn, type ChildProcess } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dendro } from '../../harness/dendro.ts';
import { fillTree } from '../../harness/fill.ts';
import { makeBtrfs, type TestBtrfs } from '../../harness/loop.ts';
import { run } from '../../harness/run.ts';

/** A laptop with a home, a roomy backup drive, one that is too small, and `dendro serve`. */
export interface RealService {
  /** The page's address with its token. */
  readonly address: string;
  readonly laptop: TestBtrfs;
  /** Path of the home subvolume. */
  readonly home: string;
  readonly blue: TestBtrfs;
  readonly tiny: TestBtrfs;
  readonly blueName: string;
  readonly tinyName: string;
  /** Stops the service in the middle of what it does, so that a moment can be looked at. */
  pause(): void;
  goOn(): void;
  /** Ends the service alone, as a crash would. */
  kill(): Promise<void>;
  close(): Promise<void>;
}

const MIB = 1024 * 1024;

export async function startRealService(): Promise<RealService> {
  const disks: TestBtrfs[] = [];
  const label = (name: string): string => `${name} ${process.pid}`;
  const disk = (name: string, sizeMiB: number, args: string[] = []): TestBtrfs => {
    const made = makeBtrfs({ sizeMiB, mkfsArgs: ['-L', label(name), ...args] });
    disks.push(made);
    return made;
  };
  const laptop = disk('Laptop', 1_024);
  const home = join(laptop.dir, '@home');
  run('btrfs', ['subvolume', 'create', home]);
  fillHome(home);
  const blue = disk('Blue Drive', 2_048);
  const tiny = disk('Tiny Drive', 128, ['--mixed']);
  const state = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-state-`));
  const served = await serve(state);
  return {
    address: served.address,
    laptop,
    home,
    blue,
    tiny,
    blueName: label('Blue Drive'),
    tinyName: label('Tiny Drive'),
    pause: () => void served.child.kill('SIGSTOP'),
    goOn: () => void served.child.kill('SIGCONT'),
    kill: () => end(served.child, 'SIGKILL'),
    close: async () => {
      await end(served.child, 'SIGTERM');
      for (const each of disks) each.close();
      rmSync(state, { recursive: true, force: true });
    },
  };
}

/** A home of every kind of file, with enough data that a backup is seen to move. */
function fillHome(home: string): void {
  fillTree(home, { files: 300 });
  const documents = join(home, 'Documents');
  mkdirSync(join(documents, 'letters'), { recursive: true });
  writeFileSync(join(documents, 'packing list.txt'), 'socks\nrain jacket\nthe small stove\n');
  writeFileSync(join(documents, 'letters', 'to the council.txt'), 'Dear council,\n');
  const film = Buffer.alloc(MIB);
  for (let part = 0; part < 9; part++) {
    const path = join(home, `film ${part + 1}.mkv`);
    for (let i = 0; i < 40; i++) writeFileSync(path, randomFillSync(film), { flag: 'a' });
  }
}

/** `dendro serve` with a history of its own. */
export interface Served {
  readonly child: ChildProcess;
  /** The page's address with its token. */
  readonly address: string;
  end(): Promise<void>;
}

export async function serve(state: string): Promise<Served> {
  const child = spawn(dendro, ['serve'], {
    env: { ...process.env, DENDRO_STATE: state },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const address = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const line = /http:\/\/\S+/.exec(text);
      if (line) resolve(line[0]);
    });
    child.once('exit', (code) => reject(new Error(`dendro serve ended with ${code}: ${text}`)));
  });
  return { child, address, end: () => end(child, 'SIGTERM') };
}

function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGCONT');
    child.kill(signal);
  });
}
