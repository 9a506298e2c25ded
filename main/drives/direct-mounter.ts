import { mkdirSync, rmdirSync } from 'node:fs';
import { conflict, ioError } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { makeRunFolder } from '../linux/run-folder.ts';
import type { Mounter } from './mounter.ts';
import { runTool, type ToolResult } from './tool.ts';
import { wrongPassphrase } from './udisks.ts';

/** cryptsetup(8), return codes: no permission, which is a bad passphrase. */
const BAD_PASSPHRASE = 2;
/** mount(8): no exit code tells busy from the rest; umount says it in words. */
const BUSY = /target is busy|device is busy/;

/**
 * Mounts as root with the system's own tools, below a folder that is gone after a restart: for
 * computers without UDisks2.
 */
export class DirectMounter implements Mounter {
  readonly #folder: string;

  /** @param folder usually /run/dendro/drives */
  constructor(folder: string) {
    this.#folder = folder;
  }

  async mount(devicePath: string, driveId: string): Promise<string> {
    const target = `${this.#folder}/${driveId.replaceAll(/[^\w-]/g, '_')}`;
    makeRunFolder(this.#folder);
    mkdirSync(target, { recursive: true });
    const result = await runTool('mount', ['-o', 'nosuid,nodev', '--', devicePath, target]);
    if (result.exitCode === 0) return target;
    rmdirSync(target);
    throw ioError(
      'mount-failed',
      say`${{ device: devicePath }} could not be mounted: ${{ reason: reason(result) }}.`,
      {
        hint: 'Check the drive: the kernel log says more.',
        place: { device: devicePath },
      },
    );
  }

  async unmount(_devicePath: string, mountPath: string): Promise<void> {
    const result = await runTool('umount', ['--', mountPath]);
    if (result.exitCode !== 0) {
      throw conflict(
        'drive-busy',
        say`The drive could not be unmounted: ${{ reason: reason(result) }}.`,
        {
          hint: BUSY.test(result.stderr) ? 'Close what has files open on it, and try again.' : '',
          place: { path: mountPath },
        },
      );
    }
    if (mountPath.startsWith(`${this.#folder}/`)) rmdirSync(mountPath);
  }

  async unlock(devicePath: string, passphrase: string): Promise<string> {
    const uuid = await runTool('cryptsetup', ['luksUUID', '--', devicePath]);
    const name = `dendro-${uuid.stdout.trim() || 'drive'}`;
    const args = ['open', '--type', 'luks', '--key-file=-', '--', devicePath, name];
    const result = await runTool('cryptsetup', args, { input: passphrase });
    if (result.exitCode === 0) return `/dev/mapper/${name}`;
    if (result.exitCode === BAD_PASSPHRASE) throw wrongPassphrase();
    throw ioError(
      'unlock-failed',
      say`${{ device: devicePath }} could not be unlocked: ${{ reason: reason(result) }}.`,
      {
        hint: 'Try it by hand: cryptsetup open',
        place: { device: devicePath },
      },
    );
  }

  async lock(devicePath: string): Promise<void> {
    const uuid = await runTool('cryptsetup', ['luksUUID', '--', devicePath]);
    const result = await runTool('cryptsetup', ['close', '--', `dendro-${uuid.stdout.trim()}`]);
    if (result.exitCode === 0) return;
    throw conflict(
      'drive-busy',
      say`The drive could not be locked: ${{ reason: reason(result) }}.`,
      {
        place: { device: devicePath },
      },
    );
  }

  /** Nothing here knows how to stop every kind of disk; unmounted, it may be pulled out. */
  async powerOff(): Promise<boolean> {
    return false;
  }
}

/** The last line says what failed; the ones before it name the program. */
function reason({ stderr, exitCode }: ToolResult): string {
  const lines = stderr.trim().split('\n');
  const first = lines.find((line) => line !== '') ?? `exit code ${exitCode}`;
  return first.replace(/\.$/, '');
}
