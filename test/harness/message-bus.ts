import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A real dbus-daemon of the test's own, with everything allowed on it. */
export interface TestMessageBus {
  readonly address: string;
  /** Starts a program that finds this bus as the system's; it is ended with the bus. */
  start(command: string, args: readonly string[]): ChildProcess;
  close(): Promise<void>;
}

const CONFIGURATION = (socket: string): string => `<!DOCTYPE busconfig PUBLIC
 "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=${socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
`;

export async function startMessageBus(): Promise<TestMessageBus> {
  const folder = mkdtempSync(join(tmpdir(), 'dendro-bus-'));
  const config = join(folder, 'bus.conf');
  writeFileSync(config, CONFIGURATION(join(folder, 'socket')));
  const daemon = spawn('dbus-daemon', ['--nofork', '--print-address', `--config-file=${config}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const children: ChildProcess[] = [daemon];
  const address = await firstLine(daemon);
  const endAll = (): void => children.forEach((child) => child.kill());
  process.once('exit', endAll);
  return {
    address,
    start(command, args) {
      const env = { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: address, LC_ALL: 'C' };
      const child = spawn(command, args, { env, stdio: 'ignore' });
      children.push(child);
      return child;
    },
    async close() {
      process.off('exit', endAll);
      for (const child of children.reverse()) await ended(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`dbus-daemon ended with ${code}`)));
  });
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await gone;
}
