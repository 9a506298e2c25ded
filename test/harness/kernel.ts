import { existsSync, readFileSync } from 'node:fs';
import { describe, test } from 'vitest';
import { run } from './run.ts';

/**
 * Whether tests on the real kernel can run here.
 * - `ready`: root, btrfs in the kernel, loop devices, btrfs-progs.
 * - `absent`: not root, root without its rights, or a kernel without btrfs: the tests are skipped, with the reason.
 * - `broken`: root and btrfs, yet something is missing: that is a failure, never a skip.
 */
export type KernelState =
  | { readonly kind: 'ready' }
  | { readonly kind: 'absent'; readonly reason: string }
  | { readonly kind: 'broken'; readonly reason: string };

export function kernelState(): KernelState {
  if (process.getuid?.() !== 0) return { kind: 'absent', reason: 'needs root' };
  if (!mayMount()) return { kind: 'absent', reason: 'root may not mount here: CAP_SYS_ADMIN' };
  if (!kernelHasBtrfs()) return { kind: 'absent', reason: 'this kernel has no btrfs' };
  for (const tool of ['mkfs.btrfs', 'btrfs', 'losetup', 'mount', 'umount']) {
    if (!onPath(tool)) return { kind: 'broken', reason: `${tool} is not installed` };
  }
  if (!existsSync('/dev/loop-control')) {
    return { kind: 'broken', reason: 'there are no loop devices: /dev/loop-control is missing' };
  }
  return { kind: 'ready' };
}

/** `describe` for tests on the real kernel: see `kernelState` for when they are skipped. */
export function describeKernel(name: string, body: () => void): void {
  const state = kernelState();
  if (state.kind === 'ready') describe(name, body);
  else if (state.kind === 'absent') describe.skip(`${name} [${state.reason}]`, body);
  else {
    describe(name, () => {
      test('the kernel tests can run', () => {
        throw new Error(state.reason);
      });
    });
  }
}

/** Whether a command is on PATH or where administrators' commands usually are. */
export function onPath(command: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(':');
  return [...folders, '/usr/sbin', '/sbin'].some((folder) => existsSync(`${folder}/${command}`));
}

/** Root in a container often may not: then it is like any other user. */
function mayMount(): boolean {
  const CAP_SYS_ADMIN = 21n;
  const effective = /^CapEff:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return ((BigInt(`0x${effective?.[1] ?? '0'}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
}

function kernelHasBtrfs(): boolean {
  const listed = () => /\bbtrfs$/m.test(readFileSync('/proc/filesystems', 'utf8'));
  if (listed()) return true;
  if (onPath('modprobe')) run('modprobe', ['btrfs'], { accept: [0, 1] });
  return listed();
}
