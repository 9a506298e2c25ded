import { realpathSync } from 'node:fs';
import { conflict, denied, unsupported } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import type { Released } from '../../shared/model/drive.ts';
import { DirectMounter } from './direct-mounter.ts';
import type { FoundDrive } from './found-drives.ts';
import type { Mounter } from './mounter.ts';
import { syncPath } from './sync-path.ts';
import { openUdisks, type UdisksMounter } from './udisks.ts';

export interface MountWishes {
  /** The person allowed that it is mounted for the run. */
  readonly mayMount: boolean;
  /** What becomes of it afterwards, if it was mounted for the run. */
  readonly afterRun: 'leave' | 'unmount' | 'power-off';
  /** Of an encrypted drive, when a person has just typed it. */
  readonly passphrase?: string;
}

/** A drive that is mounted, and what is to be undone. */
export interface OpenDrive {
  readonly found: FoundDrive;
  readonly mountPath: string;
  /** Mounted by Dendro, now or before a restart: not by a person who may still use it. */
  readonly isOurs: boolean;
  readonly unlocked: boolean;
}

interface OpenRequest extends Omit<MountWishes, 'passphrase'> {
  readonly mountedByUs: string | null;
  readonly passphrase: () => Promise<string | undefined>;
  readonly look: () => Promise<FoundDrive[]>;
}

interface Holding {
  count: number;
  /** Undefined while it is used as it was found, by nobody who needs it mounted. */
  open: OpenDrive | undefined;
  after: MountWishes['afterRun'];
}

const STRENGTH = ['leave', 'unmount', 'power-off'] as const;

/** Mounts for runs: the first one that needs a drive mounts it, the last one unmounts it. */
export class DriveMounts {
  readonly #folder: string;
  readonly #udisks: () => Promise<UdisksMounter | undefined>;
  readonly #held = new Map<string, Holding>();
  #queue: Promise<unknown> = Promise.resolve();

  constructor(
    folder: string,
    udisks: () => Promise<UdisksMounter | undefined> = () => openUdisks(),
  ) {
    this.#folder = folder;
    this.#udisks = udisks;
  }

  inUse(driveId: string): number {
    return this.#held.get(driveId)?.count ?? 0;
  }

  open(found: FoundDrive, request: OpenRequest): Promise<OpenDrive> {
    return this.#inTurn(async () => {
      const open = await this.#opened(found, request);
      const held = this.#held.get(open.found.driveId);
      const after = stronger(held?.after ?? 'leave', request.afterRun);
      // Whoever mounted it first says whether it is ours to unmount.
      const first = held?.open ?? open;
      this.#held.set(open.found.driveId, { count: (held?.count ?? 0) + 1, open: first, after });
      return first;
    });
  }

  /** Begins a use of a drive as it is, mounted or not: nobody puts it away before that ends. */
  use(driveId: string): Promise<void> {
    return this.#inTurn(async () => {
      const held = this.#held.get(driveId);
      if (held) held.count += 1;
      else this.#held.set(driveId, { count: 1, open: undefined, after: 'leave' });
    });
  }

  /** Ends one use. The last one puts it away as the strongest wish was. */
  close(driveId: string): Promise<Released> {
    return this.#inTurn(async () => {
      const held = this.#held.get(driveId);
      if (!held) return { safeToUnplug: false, state: 'mounted' };
      if (held.count > 1) {
        held.count -= 1;
        return { safeToUnplug: false, state: 'mounted' };
      }
      this.#held.delete(driveId);
      if (!held.open?.isOurs || held.after === 'leave') {
        return { safeToUnplug: false, state: 'mounted' };
      }
      return this.#putAway(held.open, held.after === 'power-off');
    });
  }

  /** Unmounts all that is given, of one disk, and takes its power. */
  release(all: readonly FoundDrive[]): Promise<Released> {
    return this.#inTurn(async () => {
      for (const found of all) {
        const mounter = await this.#mounterFor(found.devicePaths[0]!);
        await using(mounter, async () => {
          // Mounts within mounts go first.
          for (const path of [...found.mounts].sort((a, b) => b.length - a.length)) {
            syncPath(path);
            await mounter.unmount(found.devicePaths[0]!, path);
          }
          if (found.luks?.unlocked) await mounter.lock(found.luks.path);
        });
      }
      return this.#withoutPower(all[0]!);
    });
  }

  async #opened(found: FoundDrive, request: OpenRequest): Promise<OpenDrive> {
    const [mountPath] = found.mounts;
    if (mountPath !== undefined) {
      const isOurs = request.mountedByUs !== null && found.mounts.includes(request.mountedByUs);
      return {
        found,
        mountPath: isOurs ? request.mountedByUs! : mountPath,
        isOurs,
        unlocked: false,
      };
    }
    if (!request.mayMount) throw mayNotMount(found);
    const mounter = await this.#mounterFor(found.luks?.path ?? found.devicePaths[0]!);
    return using(mounter, async () => {
      const clear = await unlocked(found, mounter, request);
      try {
        const path = await mounter.mount(clear.devicePaths[0]!, clear.driveId);
        return { found: clear, mountPath: path, isOurs: true, unlocked: clear !== found };
      } catch (error) {
        if (clear !== found) await mounter.lock(found.luks!.path).catch(() => undefined);
        throw error;
      }
    });
  }

  async #putAway({ found, mountPath, unlocked }: OpenDrive, power: boolean): Promise<Released> {
    const mounter = await this.#mounterFor(found.devicePaths[0]!);
    await using(mounter, async () => {
      syncPath(mountPath);
      await mounter.unmount(found.devicePaths[0]!, mountPath);
      if (unlocked) await mounter.lock(found.luks!.path);
    });
    return power ? this.#withoutPower(found) : { safeToUnplug: true, state: 'unmounted' };
  }

  /** The power is a kindness to the disk: without it, unmounted is safe as well. */
  async #withoutPower({ disk }: FoundDrive): Promise<Released> {
    const mounter = await this.#mounterFor(disk.path);
    const isOff = await using(mounter, () => mounter.powerOff(disk.path)).catch(() => false);
    return { safeToUnplug: true, state: isOff ? 'powered-off' : 'unmounted' };
  }

  async #mounterFor(devicePath: string): Promise<Mounter & { close?(): Promise<void> }> {
    const udisks = await this.#udisks();
    if (udisks && (await udisks.knows(devicePath))) return udisks;
    if (process.getuid?.() === 0) {
      await udisks?.close();
      return new DirectMounter(this.#folder);
    }
    if (udisks) return udisks;
    throw unsupported('cannot-mount', 'Mounting a drive needs UDisks2, or administrator rights.', {
      hint: 'Install udisks2, or mount the drive yourself.',
    });
  }

  /** One at a time: two runs that begin together must not both mount. */
  #inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = this.#queue.then(act, act);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }
}

async function using<T>(mounter: { close?(): Promise<void> }, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } finally {
    await mounter.close?.();
  }
}

/** The drive as it is once it is unlocked; the same when it is not encrypted. */
async function unlocked(
  found: FoundDrive,
  mounter: Mounter,
  { passphrase, look }: OpenRequest,
): Promise<FoundDrive> {
  if (!found.luks || found.luks.unlocked) return found;
  const words = await passphrase();
  if (words === undefined) throw passphraseNeeded(found);
  const devicePath = await mounter.unlock(found.luks.path, words);
  const clear = (await look()).find((one) =>
    one.devicePaths.some((path) => same(path, devicePath)),
  );
  if (clear) return { ...clear, disk: found.disk, luks: { ...found.luks, unlocked: true } };
  await mounter.lock(found.luks.path);
  throw conflict('drive-blank', 'The drive was unlocked, but holds no filesystem.', {
    hint: 'Format it first.',
    place: { device: found.luks.path },
  });
}

/** /dev/mapper/NAME and /dev/dm-0 are one. */
function same(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return a === b;
  }
}

function stronger(a: MountWishes['afterRun'], b: MountWishes['afterRun']): MountWishes['afterRun'] {
  return STRENGTH[Math.max(STRENGTH.indexOf(a), STRENGTH.indexOf(b))]!;
}

function mayNotMount({ label, devicePaths }: FoundDrive): Error {
  const [device] = devicePaths;
  return conflict(
    'drive-not-mounted',
    say`"${{ name: label || device }}" is plugged in but not mounted.`,
    {
      hint: 'Mount it, or let the plan mount it for the run.',
      place: { device: device! },
    },
  );
}

function passphraseNeeded({ devicePaths }: FoundDrive): Error {
  return denied('passphrase-needed', 'The drive is encrypted and locked.', {
    hint: 'Unlock it, or let Dendro keep its passphrase in the keyring of your desktop.',
    place: { device: devicePaths[0]! },
  });
}
