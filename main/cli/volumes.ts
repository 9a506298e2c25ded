import { printable } from '../../shared/model/bytes-text.ts';
import type { Volume } from '../../shared/model/volume.ts';
import { withService } from './with-service.ts';
import { printJson, printLines, size, table } from './output.ts';
import { defineCommand, jsonOption } from './options.ts';
import { EXIT } from './exit-codes.ts';

export const command = defineCommand({
  usage: ['volumes [--json] [IMAGE-OR-DEVICE ...]'],
  summary: 'lists btrfs volumes: mounted, on unmounted devices, and the images named',
  details:
    'With arguments only those are looked at. A volume that cannot be read is listed with its\n' +
    'problem, and the exit code is 1.',
  options: jsonOption,
  arguments: { least: 0, most: 100 },
  async run({ options, positionals }) {
    const volumes =
      positionals.length === 0
        ? await withService((client) => client.call('volumes.list', {}))
        : await named(positionals);
    if (options.json) printJson(volumes);
    else printLines(table(HEADER, volumes.map(row), [4, 5]));
    const problems = volumes.filter((volume) => volume.problem !== null);
    for (const { name, problem } of problems) {
      process.stderr.write(`${printable(name)}: ${problem!.message} ${problem!.hint}\n`);
    }
    return problems.length === 0 ? EXIT.ok : EXIT.no;
  },
});

const HEADER = ['NAME', 'STATE', 'PROFILES', 'DEVICES', 'USED', 'SIZE', 'MOUNTED AT'];

function row(volume: Volume): string[] {
  const { data, metadata } = volume.profiles;
  return [
    printable(volume.name),
    volume.problem === null ? volume.kind : `${volume.kind}, ${volume.problem.code}`,
    data === metadata ? data : `${data}/${metadata}`,
    volume.devices.map((device) => printable(device.path ?? 'missing')).join(' '),
    size(volume.usedBytes),
    size(volume.sizeBytes),
    volume.mounts.map((mount) => printable(mount.path)).join(' '),
  ];
}

async function named(paths: readonly string[]): Promise<Volume[]> {
  const { describeVolume } = await import('../engine/verbs/describe-volume.ts');
  const { plainContext } = await import('./context.ts');
  const { volumeOf } = await import('./place.ts');
  return paths.map((path) => {
    const facts = describeVolume(volumeOf(path), plainContext());
    return {
      ...facts,
      volumeId: path,
      name: facts.label || path,
      kind: 'image',
      mounts: [],
      freeBytes: null,
      removable: false,
      canReceive: false,
      problem: null,
    };
  });
}
