import { printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { verifySubvolume, verifyVolume, type VerifyReport } from '../engine/inspect/index.ts';
import { volumeFor } from '../engine/open-volumes.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { printJson, printLines, size } from './output.ts';
import { subvolumeAt } from './place-subvolume.ts';
import { placeOf } from './place.ts';

export const command = defineCommand({
  usage: ['verify [--json] DEVICE|IMAGE|SUBVOLUME'],
  summary: 'reads everything and holds it against its checksums, in every copy',
  details:
    'Of a device or image: every tree block and all data, in all copies. Of a subvolume: what\n' +
    'belongs to it. Nothing is written. Exits with 0 when all is good, with 1 when something was\n' +
    'bad but has a good copy, with 4 when something has none.',
  options: jsonOption,
  arguments: { least: 1, most: 1 },
  run({ options, positionals }) {
    const place = placeOf(positionals[0]!);
    const isWhole = place.mountedPath === null && place.path === '';
    const report = isWhole
      ? verifyVolume(volumeFor(place.volume))
      : verifySubvolume(subvolumeAt(place));
    if (options.json) printJson({ ...report, damages: report.damages.map(plain) });
    else printLines(lines(report));
    return exitCode(report);
  },
});

type Damage = VerifyReport['damages'][number];

function plain(damage: Damage) {
  return { ...damage, ...(damage.path && { path: textFromBytes(damage.path) }) };
}

function lines({ blocks, dataBytes, unverifiedBytes, damages, damagesLeftOut }: VerifyReport) {
  return [
    ...damages.map(line),
    ...(damagesLeftOut > 0 ? [`and ${damagesLeftOut} more`] : []),
    `${blocks} tree blocks and ${size(dataBytes)} of data held against checksums`,
    ...(unverifiedBytes > 0 ? [`${size(unverifiedBytes)} have no checksums (nodatasum)`] : []),
  ];
}

function line({ what, reason, device, physical, path, offset, healedBy }: Damage): string {
  const file = path ? ` of ${printable(textFromBytes(path))} at ${offset ?? 0}` : '';
  const fate = healedBy === undefined ? 'no good copy' : `good copy: ${healedBy}`;
  return `bad ${what}${file}: ${reason}, ${device} at ${physical}; ${fate}`;
}

function exitCode({ damages }: VerifyReport): number {
  if (damages.some(({ healedBy }) => healedBy === undefined)) return EXIT.corrupt;
  return damages.length > 0 ? EXIT.no : EXIT.ok;
}
