import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onPath } from '../harness/kernel.ts';
import { dendro } from '../harness/dendro.ts';
import { run } from '../harness/run.ts';

const SSHD = '/usr/sbin/sshd';

/** Why there can be no server here, or undefined. */
export function missingSsh(): string | undefined {
  return ['ssh', 'sshd', 'ssh-keygen'].find((tool) => !onPath(tool));
}

/** A real sshd on 127.0.0.1 with keys made for it; `close` ends it. */
export class SshServer {
  /** For `ssh -F`: knows the key, the port and the server. */
  readonly config: string;
  readonly #folder: string;
  readonly #server: ChildProcess;
  /** What is on PATH for a command that comes over ssh. */
  readonly #bin: string;

  private constructor(folder: string, server: ChildProcess) {
    this.#folder = folder;
    this.#server = server;
    this.config = join(folder, 'config');
    this.#bin = join(folder, 'bin');
  }

  static async start(): Promise<SshServer> {
    const folder = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-ssh-`));
    const port = await freePort();
    for (const name of ['host', 'user']) {
      run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, name)]);
    }
    run('cp', [join(folder, 'user.pub'), join(folder, 'authorized')]);
    mkdirSync(join(folder, 'bin'));
    mkdirSync('/run/sshd', { recursive: true });
    writeFileSync(join(folder, 'sshd_config'), serverConfig(folder, port));
    writeFileSync(join(folder, 'config'), clientConfig(folder, port));
    const server = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'sshd_config')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    await new Promise<void>((resolve, reject) => {
      let said = '';
      server.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString();
        if (said.includes('Server listening')) resolve();
      });
      server.on('close', () => reject(new Error(`sshd ended: ${said}`)));
    });
    return new SshServer(folder, server);
  }

  /** Installs Dendro at the far end, or takes it away. */
  hasDendro(isThere: boolean): void {
    rmSync(join(this.#bin, 'dendro'), { force: true });
    if (isThere) symlinkSync(dendro, join(this.#bin, 'dendro'));
  }

  /** A shell script in its place; `"$DENDRO" "$@"` in it is what it stands for. */
  hasInstead(script: string): void {
    rmSync(join(this.#bin, 'dendro'), { force: true });
    const text = `#!/bin/bash\nDENDRO='${dendro}'\n${script}\n`;
    writeFileSync(join(this.#bin, 'dendro'), text, { mode: 0o755 });
  }

  close(): void {
    this.#server.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function serverConfig(folder: string, port: number): string {
  return [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${folder}/host`,
    // It would take the file away while the folder is removed, which then ends half-way.
    'PidFile none',
    `AuthorizedKeysFile ${folder}/authorized`,
    'StrictModes no',
    'UsePAM no',
    'PermitRootLogin prohibit-password',
    'PasswordAuthentication no',
    `SetEnv PATH=${folder}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
    '',
  ].join('\n');
}

function clientConfig(folder: string, port: number): string {
  return [
    'Host far',
    '  HostName 127.0.0.1',
    `  Port ${port}`,
    '  User root',
    `  IdentityFile ${folder}/user`,
    '  IdentitiesOnly yes',
    '  StrictHostKeyChecking accept-new',
    `  UserKnownHostsFile ${folder}/known`,
    '',
  ].join('\n');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' ? address!.port : 0));
    });
  });
}
