import { closeSync, openSync } from 'node:fs';
import { conflict } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import type { Drive, Released } from '../../shared/model/drive.ts';
import type { DriveHistory } from '../history/drives.ts';
import { filesystemOf } from '../linux/files.ts';
import { RUN_FOLDER } from '../linux/run-folder.ts';
import { changeBetween, type DriveChange } from './drive-changes.ts';
import { describeDrives, nameOf, recordOf, twins } from './describe-drives.ts';
import type { FoundDrive } from './found-drives.ts';
import { lookForDrives } from './look.ts';
import { holdMount, type HeldMount } from './mount-guard.ts';
import { DriveMounts, type MountWishes, type OpenDrive } from './drive-mounts.ts';
import { Passphrases } from './passphrases.ts';
import { rememberDrive } from './remember-drive.ts';
import type { SecretStore } from './secret-store.ts';
import { watchDevices, type DeviceWatch } from './watch-devices.ts';

export type { MountWishes } from './drive-mounts.ts';
export type { DriveChange } from './drive-changes.ts';

export interface DrivesOptions {
  readonly history: DriveHistory;
  readonly nowMs: () => number;
  /** Below which drives are mounted where there is no UDisks2. */
  readonly mountFolder?: string;
  readonly look?: () => Promise<FoundDrive[]>;
  readonly mounts?: DriveMounts;
  readonly secrets?: () => Promise<SecretStore | undefined>;
}

/** A drive held for a run: mounted, checked to be the right one, not unmounted meanwhile. */
export interface DriveLease {
  readonly driveId: string;
  readonly name: string;
  readonly mountPath: string;
  /** Before each thing that is written. @throws Conflict 'drive-not-mounted' */
  check(): void;
  /** Ends it; the last one to end unmounts what was mounted for it. Once; more does nothing. */
  release(): Promise<Released>;
}

/** The drives of this computer: what is here, what is known, and their mounting for runs. */
export class Drives {
  readonly #options: DrivesOptions;
  readonly #look: () => Promise<FoundDrive[]>;
  readonly #mounts: DriveMounts;
  readonly #passphrases: Passphrases;
  readonly #listeners = new Set<(change: DriveChange) => void>();
  #watch: DeviceWatch | undefined;
  #last: readonly Drive[] | undefined;

  constructor(options: DrivesOptions) {
    this.#options = options;
    this.#look = options.look ?? lookForDrives;
    this.#passphrases = new Passphrases(options.history, options.secrets);
    this.#mounts = options.mounts ?? new DriveMounts(options.mountFolder ?? `${RUN_FOLDER}/drives`);
  }

  /** Looks anew. @throws Io 'devices-unreadable' */
  async list(): Promise<Drive[]> {
    return this.#describe(await this.#look());
  }

  /** As of the last look of `refresh`: for a quick answer where a look would take too long. */
  get latest(): readonly Drive[] {
    return this.#last ?? [];
  }

  /** As of the last look where changes are watched for, else by a look of its own. */
  async known(): Promise<readonly Drive[]> {
    if (this.#watch === undefined || this.#last === undefined) return this.list().catch(() => []);
    return this.#last;
  }

  /** Calls the listener at each change from now on; returns what ends that. */
  onChange(listener: (change: DriveChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Begins to notice what comes and goes. Whether it hears of it at once: see `hears`. */
  start(): void {
    this.#watch ??= watchDevices({ onHint: () => void this.refresh() });
    void this.refresh();
  }

  get hears(): boolean {
    return this.#watch?.hears ?? false;
  }

  stop(): void {
    this.#watch?.stop();
    this.#watch = undefined;
  }

  /** Looks, and tells the listeners when something is different from the last time. */
  async refresh(): Promise<void> {
    const drives = await this.list().catch(() => undefined);
    if (!drives) return;
    const change = changeBetween(this.#last, drives);
    this.#last = drives;
    if (!change) return;
    for (const listener of this.#listeners) listener(change);
  }

  /**
   * Mounts the drive where that is wished, makes sure that it is the one that is meant, and holds
   * it until the lease is released. A drive that is used for the first time gets its marker.
   *
   * @throws Conflict 'drive-away', 'drive-twins', 'drive-not-mounted', 'drive-swapped',
   *   'drive-marker-missing'; Denied 'passphrase-needed', 'passphrase-wrong', 'udisks-denied'
   */
  async mountFor(driveId: string, wishes: MountWishes): Promise<DriveLease> {
    const found = await this.#find(driveId);
    const record = this.#options.history.get(driveId);
    const open = await this.#mounts.open(found, {
      ...wishes,
      mountedByUs: record?.mountedPath ?? null,
      passphrase: () => this.#passphrases.of(found, wishes.passphrase),
      look: this.#look,
    });
    let held: HeldMount | undefined;
    try {
      const name = record?.name ?? nameOf(open.found);
      const { uuid, devicePaths } = open.found;
      const markerId = record?.markerId ?? null;
      held = holdMount(open.mountPath, { name, uuid, devicePaths, markerId });
      rememberDrive(open, held, name, this.#options.history, this.#options.nowMs());
      return this.#lease(driveId, name, open, held);
    } catch (error) {
      held?.close();
      await this.#mounts.close(open.found.driveId).catch(() => undefined);
      throw error;
    }
  }

  /**
   * Keeps a drive from being put away while work reads or writes it as it is, mounted or not: by a
   * person, or behind a plan that ends meanwhile. Returns what ends that.
   */
  async use(driveId: string): Promise<() => Promise<void>> {
    await this.#mounts.use(driveId);
    return async () => void (await this.#ended(driveId));
  }

  async #ended(driveId: string): Promise<Released> {
    const result = await this.#mounts.close(driveId);
    if (result.state !== 'mounted') this.#noteMount(driveId, null);
    await this.refresh();
    return result;
  }

  /**
   * Unmounts every filesystem of the drive's disk, locks what is encrypted, and takes its power.
   *
   * @throws Conflict 'drive-busy' while a run holds it or a file on it is open; 'drive-away'
   */
  async release(driveId: string): Promise<Released> {
    const found = await this.#find(driveId);
    const all = await this.#look();
    const siblings = all.filter(({ disk }) => disk.path === found.disk.path);
    const busy = this.#describe(siblings).find(({ inUse }) => inUse > 0);
    if (busy) {
      throw conflict('drive-busy', say`A run is using "${{ name: busy.name }}".`, {
        hint: 'Wait for its end, or cancel it.',
      });
    }
    if (siblings.some(({ system }) => system)) throw isSystem(nameOf(found));
    const released = await this.#mounts.release(siblings);
    for (const one of siblings) this.#noteMount(one.driveId, null);
    await this.refresh();
    return released;
  }

  /** Gives the drive a name, and says where its passphrase comes from. */
  async change(
    driveId: string,
    change: { name?: string; passphrase?: 'ask' | 'keyring' },
  ): Promise<void> {
    const record = this.#options.history.get(driveId);
    if (!record) throw unknown(driveId);
    this.#options.history.put({ ...record, ...change }, this.#seenAt(driveId));
    if (change.passphrase === 'ask' && record.luksUuid !== null) {
      await this.#passphrases.forget(record.luksUuid);
    }
    await this.refresh();
  }

  /** Dendro no longer knows it; nothing on it is touched, and its kept passphrase is dropped. */
  async forget(driveId: string): Promise<void> {
    const record = this.#options.history.get(driveId);
    if (!record) throw unknown(driveId);
    if (this.#mounts.inUse(driveId) > 0) throw conflict('drive-busy', 'A run is using it.');
    if (record.luksUuid !== null && record.passphrase === 'keyring') {
      await this.#passphrases.forget(record.luksUuid);
    }
    this.#options.history.forget(driveId);
    await this.refresh();
  }

  /** Keeps a passphrase in the keyring of the desktop. False when there is none. */
  async keepPassphrase(luksUuid: string, name: string, passphrase: string): Promise<boolean> {
    return this.#passphrases.keep(luksUuid, name, passphrase);
  }

  async #find(driveId: string): Promise<FoundDrive> {
    const found = await this.#look();
    const known = this.#options.history.list();
    const here = found.find((one) => (recordOf(one, known)?.driveId ?? one.driveId) === driveId);
    if (!here) {
      const name = known.find((record) => record.driveId === driveId)?.name ?? driveId;
      throw conflict('drive-away', say`"${{ name }}" is not plugged in.`, { hint: 'Plug it in.' });
    }
    if (here.twins.length > 0) throw twins(here);
    return here;
  }

  #lease(driveId: string, name: string, open: OpenDrive, held: HeldMount): DriveLease {
    let released: Promise<Released> | undefined;
    const end = async (): Promise<Released> => {
      held.close();
      return this.#ended(open.found.driveId);
    };
    const { mountPath } = open;
    return {
      driveId,
      name,
      mountPath,
      check: () => held.check(),
      release: () => (released ??= end()),
    };
  }

  #noteMount(driveId: string, mountedPath: string | null): void {
    const record = this.#options.history.get(driveId);
    if (!record) return;
    this.#options.history.note({ ...record, mountedPath }, this.#seenAt(driveId));
  }

  #seenAt(driveId: string): number {
    const known = this.#options.history.list().find((record) => record.driveId === driveId);
    return known?.lastSeenAtMs ?? this.#options.nowMs();
  }

  #describe(found: readonly FoundDrive[]): Drive[] {
    const { history, nowMs } = this.#options;
    const known = history.list();
    for (const one of found) {
      const record = recordOf(one, known);
      if (record) history.seen(record.driveId, nowMs());
    }
    return describeDrives(found, known, {
      nowMs: nowMs(),
      inUse: (driveId) => this.#mounts.inUse(driveId),
      freeBytes,
    });
  }
}

function freeBytes(mountPath: string): number | null {
  try {
    const fd = openSync(mountPath, 'r');
    try {
      return filesystemOf(fd).freeBytes;
    } finally {
      closeSync(fd);
    }
  } catch {
    return null;
  }
}

function unknown(driveId: string): Error {
  return conflict('drive-unknown', say`Dendro does not know the drive ${{ text: driveId }}.`, {
    hint: 'It may have been forgotten meanwhile; list the drives again.',
  });
}

function isSystem(name: string): Error {
  return conflict('drive-is-system', say`The running system lives on the disk of "${{ name }}".`, {
    hint: 'It cannot be unplugged.',
  });
}
