import { printable } from '../../shared/model/bytes-text.ts';
import { toErrorData } from '../../shared/errors.ts';
import type { VolumeReport } from '../../shared/model/volume-report.ts';
import type { Volume } from '../../shared/model/volume.ts';
import { withDisks } from './with-service.ts';
import { printJson, printLines, size, table } from './output.ts';
import { defineCommand, jsonOption } from './options.ts';
import { EXIT } from './exit-codes.ts';
import { stderr } from '../linux/stderr.ts';

/** A volume, and what its own trees say of room and health; null when it cannot be read. */
type Reported = Volume & { readonly report: VolumeReport | null };

export const command = defineCommand({
  usage: ['volumes [-v] [--json] [PLACE ...]'],
  summary: 'lists btrfs volumes: devices, profiles, room and health',
  details:
    'Without arguments: mounted ones, those on unmounted devices, and images that were added.\n' +
    'With arguments only those are looked at, each an image, a device or a path on a mounted\n' +
    'volume. -v and --json: each device with its error counts, room by profile, and the notes on\n' +
    'health. Health is what the volume says of itself; dendro verify reads everything. The exit\n' +
    'code is 1 when a volume cannot be read, lacks a device or has an old one.',
  options: {
    ...jsonOption,
    verbose: { type: 'boolean', short: 'v', help: 'devices, room by profile, notes on health' },
  },
  arguments: { least: 0, most: 100 },
  async run({ options, positionals }) {
    const volumes = positionals.length === 0 ? await all() : await named(positionals);
    if (options.json) printJson(volumes);
    else printLines(table(HEADER, volumes.map(row), [5, 6]));
    if (options.verbose && !options.json) for (const volume of volumes) printLines(more(volume));
    for (const { name, problem } of volumes) {
      if (problem !== null) {
        stderr.write(`${printable(name)}: ${problem.message} ${problem.hint}\n`);
      }
    }
    return volumes.every(isReadable) ? EXIT.ok : EXIT.no;
  },
});

function isReadable({ problem, report }: Reported): boolean {
  const state = report?.health.state;
  return problem === null && (state === 'good' || state === 'attention');
}

const HEADER = ['NAME', 'STATE', 'HEALTH', 'PROFILES', 'DEVICES', 'USED', 'SIZE', 'MOUNTED AT'];

function row(volume: Reported): string[] {
  const { data, metadata } = volume.profiles;
  return [
    printable(volume.name),
    volume.problem === null ? volume.kind : `${volume.kind}, ${volume.problem.code}`,
    volume.report?.health.state ?? 'unknown',
    data === metadata ? data : `${data}/${metadata}`,
    volume.devices.map((device) => printable(device.path ?? 'missing')).join(' '),
    size(volume.usedBytes),
    size(volume.sizeBytes),
    volume.mounts.map((mount) => printable(mount.path)).join(' '),
  ];
}

function more({ name, report }: Reported): string[] {
  if (report === null) return [];
  const groups = report.groups.map((group) => [
    `${group.kind}, ${group.profile}`,
    size(group.usedBytes),
    size(group.sizeBytes),
    size(group.diskBytes),
  ]);
  const devices = report.devices.map((device) => [
    String(device.deviceId),
    printable(device.path ?? 'missing'),
    size(device.allocatedBytes),
    size(device.sizeBytes),
    Object.values(device.errors).join(' '),
  ]);
  return [
    '',
    `${printable(name)}: ${report.health.state}`,
    ...report.health.notes.map(({ text }) => `  ${printable(text)}`),
    ...table(['KIND', 'USED', 'ALLOCATED', 'ON DISK'], groups, [1, 2, 3]),
    ...table(['ID', 'DEVICE', 'ALLOCATED', 'SIZE', 'ERRORS W R F C G'], devices, [0, 2, 3]),
  ];
}

async function all(): Promise<Reported[]> {
  return withDisks(async (client) => {
    const reported: Reported[] = [];
    for (const volume of await client.call('volumes.list', {})) {
      reported.push(
        volume.problem === null
          ? await reportOf(volume, () =>
              client.call('volumes.inspect', { volumeId: volume.volumeId }),
            )
          : { ...volume, report: null },
      );
    }
    return reported;
  });
}

/** What cannot be read of it is its problem. */
async function reportOf(
  volume: Volume,
  inspect: () => VolumeReport | Promise<VolumeReport>,
): Promise<Reported> {
  try {
    return { ...volume, report: await inspect() };
  } catch (error) {
    return { ...volume, report: null, problem: toErrorData(error) };
  }
}

async function named(paths: readonly string[]): Promise<Reported[]> {
  const { describeVolume } = await import('../engine/verbs/describe-volume.ts');
  const { inspectVolume } = await import('../engine/verbs/inspect-volume.ts');
  const { plainContext } = await import('./context.ts');
  const { volumeOf } = await import('./place.ts');
  const reported: Reported[] = [];
  for (const path of paths) {
    const input = volumeOf(path);
    const facts = describeVolume(input, plainContext());
    const volume: Volume = {
      ...facts,
      volumeId: path,
      name: facts.label || path,
      kind: input.mountPath === null ? 'image' : 'mounted',
      mounts:
        input.mountPath === null
          ? []
          : [{ path: input.mountPath, subvolume: '/', readOnly: false }],
      freeBytes: null,
      removable: false,
      canReceive: false,
      problem: null,
    };
    reported.push(await reportOf(volume, () => inspectVolume({ volume: input }, plainContext())));
  }
  return reported;
}
