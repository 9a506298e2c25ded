import { existsSync } from 'node:fs';
import { conflict, DendroError, toErrorData } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import type { Volume } from '../../../shared/model/volume.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { Engine } from '../../engine/engine.ts';
import type { VolumeInput } from '../../engine/open-volumes.ts';
import type { VolumeFacts } from '../../engine/verbs/describe-volume.ts';
import { duplicateDevice } from '../../engine/volume/find-members.ts';
import type { PointHistory } from '../../history/points.ts';
import { blockDevices } from '../../linux/block-devices.ts';
import { isRemovable, mountedVolumes, type MountedVolume } from './mounted.ts';

/** A volume, and how the engine reads it. */
export interface KnownVolume {
  readonly volume: Volume;
  readonly input: VolumeInput;
}

/** Finds volumes: mounted ones, unmounted devices, and images that a person added. */
export class VolumeBook {
  readonly #engine: Engine;
  readonly #history: PointHistory;
  #known: readonly KnownVolume[] = [];

  constructor(engine: Engine, history: PointHistory) {
    this.#engine = engine;
    this.#history = history;
  }

  /** Looks anew. A volume that cannot be read is listed with its problem. */
  async list(): Promise<readonly KnownVolume[]> {
    const found = mountedVolumes();
    const originals = found.filter(({ isCopy }) => !isCopy);
    const mounted = await Promise.all(originals.map((volume) => this.#mounted(volume)));
    const taken = new Set(originals.flatMap(({ devices }) => devices.map(({ path }) => path)));
    const unmounted = await this.#unmounted(taken, originals);
    const present = new Set([...mounted, ...unmounted].flatMap(({ input }) => input.devices));
    const added = this.#history.addedPaths().filter((path) => !present.has(path));
    const images = await Promise.all(added.map((path) => this.#added(path)));
    this.#known = [...mounted, ...unmounted, ...images];
    return this.#known;
  }

  /** What was found last; looks when nothing was yet. */
  async known(): Promise<readonly KnownVolume[]> {
    return this.#known.length > 0 ? this.#known : this.list();
  }

  /** @throws Conflict 'volume-unknown' */
  async get(volumeId: string): Promise<KnownVolume> {
    const matches = ({ volume }: KnownVolume): boolean => volume.volumeId === volumeId;
    const known = this.#known.find(matches);
    const found = (known && stillHere(known)) ?? (await this.list()).find(matches);
    if (found) return found;
    throw conflict(
      'volume-unknown',
      say`The volume ${{ volumeId: printable(volumeId) }} is not here.`,
      {
        hint: 'Connect its drive, or add the image again.',
      },
    );
  }

  /** Describes an image or device by its path. @throws when it cannot be read. */
  async open(path: string): Promise<KnownVolume> {
    const input = { devices: [path], mountPath: null };
    const facts = await this.#engine.run('describeVolume', input);
    return { volume: unmountedVolume(path, 'image', facts), input };
  }

  async #mounted(found: MountedVolume): Promise<KnownVolume> {
    const devices = pathsOf(found.devices);
    const input: VolumeInput = { devices, mountPath: found.mounts[0]!.path, sync: 'commit' };
    const { facts, problem } = await this.#described({ ...input, sync: 'none' });
    const volume: Volume = {
      ...(facts ?? unread(found.devices)),
      volumeId: found.fsid,
      fsid: found.fsid,
      name: printable(facts?.label ?? this.#knownName(found.fsid) ?? '') || found.mounts[0]!.path,
      kind: 'mounted',
      devices: found.devices,
      mounts: found.mounts,
      freeBytes: found.freeBytes,
      removable: isRemovable(found.devices),
      canReceive: found.mounts.some((mount) => !mount.readOnly),
      problem,
    };
    return { volume, input };
  }

  /** Also copies of what is mounted, which are not read: their snapshots are not those of the volume. */
  async #unmounted(
    taken: ReadonlySet<string | null>,
    mounted: readonly MountedVolume[],
  ): Promise<KnownVolume[]> {
    const candidates = blockDevices().filter((device) => !taken.has(device.path));
    const probed = await this.#engine.run('probeDevices', {
      paths: candidates.map((device) => device.path),
    });
    const byFsid = Map.groupBy(probed, ({ fsid }) => fsid);
    const copies = mounted.flatMap(({ fsid, devices }) => {
      const twins = byFsid.get(fsid) ?? [];
      byFsid.delete(fsid);
      // one that has been missing, and is here again
      if (devices.some(({ path }) => path === null)) return [];
      return twins.map(({ path }) => copied(path, devices[0]!.path!));
    });
    const others = await Promise.all(
      [...byFsid].map(async ([fsid, members]) => {
        const input = { devices: members.map(({ path }) => path), mountPath: null };
        const { facts, problem } = await this.#described(input);
        const known = facts ?? { ...unread([]), fsid, label: members[0]!.label };
        const volume = unmountedVolume(input.devices[0]!, 'device', known);
        const removable = isRemovable(known.devices);
        return { volume: { ...volume, volumeId: fsid, fsid, removable, problem }, input };
      }),
    );
    return [...others, ...copies];
  }

  /** What it was called when it could be read. */
  #knownName(fsid: string): string | undefined {
    return this.#history.volumesSeen().find(({ volumeId }) => volumeId === fsid)?.name;
  }

  async #added(path: string): Promise<KnownVolume> {
    try {
      return await this.open(path);
    } catch (error) {
      const volume = unmountedVolume(path, 'image', { ...unread([]), fsid: null });
      return {
        volume: { ...volume, problem: toErrorData(error) },
        input: { devices: [path], mountPath: null },
      };
    }
  }

  async #described(
    input: VolumeInput,
  ): Promise<{ facts: VolumeFacts | undefined; problem: Volume['problem'] }> {
    try {
      return { facts: await this.#engine.run('describeVolume', input), problem: null };
    } catch (error) {
      if (error instanceof DendroError && error.kind === 'Cancelled') throw error;
      return { facts: undefined, problem: toErrorData(error) };
    }
  }
}

/** What was found before, with what changes from moment to moment; undefined when it is gone. */
function stillHere(known: KnownVolume): KnownVolume | undefined {
  const { volume, input } = known;
  const isThere = (): boolean => existsSync(input.devices[0] ?? '');
  if (volume.kind === 'image') return isThere() ? known : undefined;
  const now = mountedVolumes().find(({ fsid }) => fsid === volume.fsid);
  if (volume.kind === 'device') return isThere() && !now ? known : undefined;
  if (!now || now.mounts[0]!.path !== input.mountPath) return undefined;
  // A copy of the disk may be mounted in its place, or the disk itself have come back as another.
  if (!isSame(pathsOf(now.devices), input.devices)) return undefined;
  return { input, volume: { ...volume, mounts: now.mounts, freeBytes: now.freeBytes } };
}

function pathsOf(devices: Volume['devices']): string[] {
  return devices.flatMap(({ path }) => (path === null ? [] : [path]));
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((path, i) => path === b[i]);
}

type Facts = Omit<VolumeFacts, 'fsid'> & { readonly fsid: string | null };

function unmountedVolume(path: string, kind: 'device' | 'image', facts: Facts): Volume {
  return {
    ...facts,
    volumeId: path,
    name: printable(facts.label) || path.slice(path.lastIndexOf('/') + 1),
    kind,
    mounts: [],
    freeBytes: null,
    removable: false,
    canReceive: false,
    problem: null,
  };
}

/** A device that says it is another one, which is in use. */
function copied(path: string, original: string): KnownVolume {
  const device = { deviceId: 1, path, sizeBytes: 0, usedBytes: 0 };
  const volume = unmountedVolume(path, 'device', { ...unread([device]), fsid: null });
  return {
    volume: { ...volume, problem: toErrorData(duplicateDevice(original, path)) },
    input: { devices: [path], mountPath: null },
  };
}

/** What stands in for the facts of a volume that could not be read. */
function unread(devices: Volume['devices']): Omit<VolumeFacts, 'fsid'> {
  const sum = (of: (device: Volume['devices'][number]) => number): number =>
    devices.reduce((total, device) => total + of(device), 0);
  return {
    label: '',
    devices,
    sizeBytes: sum((device) => device.sizeBytes),
    usedBytes: sum((device) => device.usedBytes),
    profiles: { data: '', metadata: '', system: '' },
    checksum: '',
    nodeSizeBytes: 0,
    generation: 0,
  };
}
