import { conflict, toErrorData } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { printable } from '../../shared/model/bytes-text.ts';
import type { Drive } from '../../shared/model/drive.ts';
import type { DriveRecord } from '../history/drives.ts';
import type { FoundDrive } from './found-drives.ts';

export interface KnownDrive extends DriveRecord {
  readonly lastSeenAtMs: number;
}

/** Drives that are here, known ones first, then those that are known and away. */
export function describeDrives(
  found: readonly FoundDrive[],
  known: readonly KnownDrive[],
  facts: {
    readonly nowMs: number;
    readonly inUse: (driveId: string) => number;
    readonly freeBytes: (mountPath: string) => number | null;
  },
): Drive[] {
  const here = found.map((one): Drive => {
    const record = recordOf(one, known);
    const driveId = record?.driveId ?? one.driveId;
    const [mount] = one.mounts;
    return {
      driveId,
      name: record === undefined ? nameOf(one) : printable(record.name),
      state: stateOf(one),
      known: record !== undefined,
      system: one.system,
      onSystemDisk: one.onSystemDisk,
      filesystem: one.filesystem || (record?.filesystem ?? ''),
      label: one.label || (record?.label ?? ''),
      sizeBytes: one.sizeBytes,
      freeBytes: mount === undefined ? null : facts.freeBytes(mount),
      devicePath: one.devicePaths[0]!,
      disk: one.disk,
      luks: one.luks && {
        uuid: one.luks.uuid,
        unlocked: one.luks.unlocked,
        passphrase: record?.passphrase ?? 'ask',
      },
      mounts: [...one.mounts],
      inUse: facts.inUse(driveId),
      lastSeenAtMs: facts.nowMs,
      problem: one.twins.length === 0 ? null : toErrorData(twins(one)),
    };
  });
  const present = new Set(here.map(({ driveId }) => driveId));
  const away = known
    .filter(({ driveId }) => !present.has(driveId))
    .map((record) =>
      awayDrive(
        record,
        found.find((one) => isPutInPlaceOf(record, one, known)),
      ),
    );
  return [...here.sort((a, b) => Number(b.known) - Number(a.known)), ...away];
}

/** By its filesystem; while it is locked, by its LUKS header. */
export function recordOf<T extends DriveRecord>(
  { driveId, luks }: FoundDrive,
  known: readonly T[],
): T | undefined {
  return (
    known.find((record) => record.driveId === driveId) ??
    (luks && !luks.unlocked ? known.find((record) => record.luksUuid === luks.uuid) : undefined)
  );
}

/** Of the same disk or label, but another filesystem that nobody has given to Dendro. */
function isPutInPlaceOf(
  { disk, label }: KnownDrive,
  found: FoundDrive,
  known: readonly KnownDrive[],
): boolean {
  if (recordOf(found, known) !== undefined || found.system) return false;
  const isOfDisk = disk.serial !== '' && disk.serial === found.disk.serial;
  return isOfDisk || (label !== '' && label === found.label);
}

/** What was on it is gone where it was formatted; nobody can see that from here. */
function anotherInPlace({ name }: KnownDrive, { devicePaths, uuid }: FoundDrive): Error {
  const device = devicePaths[0]!;
  return conflict(
    'drive-formatted',
    say`"${{ name }}" is away, but ${{ device }} is here, with its label or on its disk, and with another UUID${{ uuid: uuid === '' ? '' : `, ${uuid}` }}.`,
    {
      hint: 'If it was formatted anew, the backups on it are gone: choose it again in the plans that used it, and forget the drive that it was.',
      place: { device },
    },
  );
}

/** Two devices that claim to be the same filesystem: which one is meant cannot be known. */
export function twins({ devicePaths, twins: others, uuid }: FoundDrive): Error {
  const all = [...devicePaths, ...others];
  return conflict(
    'drive-twins',
    say`${{ all: all.join(' and ') }} hold the same filesystem, ${{ uuid }}.`,
    {
      hint: 'One is a copy of the other: unplug the one that is not meant, or give it a new UUID.',
      place: { device: all[0]! },
    },
  );
}

function stateOf({ mounts, luks, filesystem }: FoundDrive): Drive['state'] {
  if (mounts.length > 0) return 'mounted';
  if (luks && !luks.unlocked) return 'locked';
  return filesystem === '' ? 'blank' : 'unmounted';
}

export function nameOf({ label, disk, devicePaths }: FoundDrive): string {
  const maker = [disk.vendor, disk.model].filter(Boolean).join(' ');
  return printable(label) || maker || devicePaths[0]!;
}

function awayDrive(record: KnownDrive, instead: FoundDrive | undefined): Drive {
  const { driveId, name, filesystem, label, sizeBytes, disk, luksUuid, passphrase } = record;
  return {
    driveId,
    name: printable(name),
    state: 'away',
    known: true,
    system: false,
    onSystemDisk: false,
    filesystem,
    label,
    sizeBytes,
    freeBytes: null,
    devicePath: null,
    disk,
    luks: luksUuid === null ? null : { uuid: luksUuid, unlocked: false, passphrase },
    mounts: [],
    inUse: 0,
    lastSeenAtMs: record.lastSeenAtMs,
    problem: instead === undefined ? null : toErrorData(anotherInPlace(record, instead)),
  };
}
