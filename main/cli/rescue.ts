import { bytesFromText, printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { copyOut, openRescue, type CopyReport, type Rescue } from '../engine/rescue/index.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { printJson, printLines, size } from './output.ts';

export const command = defineCommand({
  usage: [
    'rescue [--json] DEVICE ...',
    'rescue [--json] --to FOLDER [--subvolume PATH] DEVICE ...',
  ],
  summary: 'reads a volume that no longer mounts, as far as it goes; copies out what is left',
  details:
    'Tries every superblock, every backup root, at last the devices from end to end. Lists the\n' +
    'subvolumes that can be reached; with --to copies one of them (the top level when none is\n' +
    'named) to a new FOLDER on any filesystem, goes on past damage, and ends with a list of what\n' +
    'was lost and why. The devices are only read. Exits with 1 when something was lost.',
  options: {
    ...jsonOption,
    to: { type: 'string', value: 'FOLDER', help: 'copy out to this folder, which is made' },
    subvolume: { type: 'string', value: 'PATH', help: 'which one, from the top level' },
  },
  arguments: { least: 1, most: 100 },
  run({ options, positionals }) {
    const say = (step: string): unknown => process.stderr.write(`${step}\n`);
    const rescue = openRescue(positionals, { onStep: say });
    try {
      say(`Way in: ${rescue.entry}`);
      if (options.to === undefined) return list(rescue, options.json === true);
      const which = options.subvolume ?? '';
      const { subvolume, lost } = rescue.open(which === '' ? 5 : bytesFromText(which));
      const report = copyOut(subvolume, lost, options.to);
      if (options.json) printJson({ ...report, losses: report.losses.map(plain) });
      else printLines(lines(report));
      return report.losses.length === 0 ? EXIT.ok : EXIT.no;
    } finally {
      rescue.close();
    }
  },
});

function list(rescue: Rescue, isJson: boolean): number {
  const found = rescue.subvolumes().map(({ id, path, isReachable, isReadOnly, generation }) => ({
    subvolumeId: id,
    path: textFromBytes(path),
    isReachable,
    isReadOnly,
    generation,
  }));
  if (isJson) printJson({ entry: rescue.entry, subvolumes: found, lost: rescue.lost });
  else {
    printLines(
      found.map(
        ({ subvolumeId, path, isReachable }) =>
          `${subvolumeId}  ${isReachable ? printable(path) || '/' : '(its place is lost)'}`,
      ),
    );
  }
  return rescue.lost.length === 0 ? EXIT.ok : EXIT.no;
}

type Loss = CopyReport['losses'][number];

function plain({ path, ...loss }: Loss) {
  return { path: textFromBytes(path), ...loss };
}

function lines(report: CopyReport): string[] {
  const { files, directories, symlinks, bytes, losses, lossesLeftOut } = report;
  return [
    ...losses.map(({ path, what, reason, offset, lengthBytes }) => {
      const range = offset === undefined ? '' : ` ${offset}+${lengthBytes ?? 0}`;
      return `lost ${what} of ${printable(textFromBytes(path))}${range}: ${reason}`;
    }),
    ...(lossesLeftOut > 0 ? [`and ${lossesLeftOut} more`] : []),
    `${files} files (${size(bytes)}), ${directories} folders and ${symlinks} links copied`,
  ];
}
