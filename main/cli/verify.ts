import {
  verifySubvolume,
  verifyVolume,
  type VerifyHooks,
  type VerifyReport,
} from '../engine/inspect/index.ts';
import { takeNotedDamages } from '../engine/damage-log.ts';
import { volumeFor } from '../engine/open-volumes.ts';
import { plainDamage } from '../engine/verbs/verify.ts';
import { damageLine } from './damage-line.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption } from './options.ts';
import { printJson, printLines, size } from './output.ts';
import { subvolumeAt } from './place-subvolume.ts';
import { placeOf } from './place.ts';
import { stderr } from '../linux/stderr.ts';

export const command = defineCommand({
  usage: [
    'verify [--json] DEVICE|IMAGE|SUBVOLUME',
    'verify [--json] --against SOURCE SNAPSHOT',
    'verify [--json] --with-record FILE SNAPSHOT',
    'verify [--json] --kept SNAPSHOT',
    'verify --record SNAPSHOT',
  ],
  summary: 'reads everything and holds it against its checksums, in every copy',
  details:
    'Of a device or image: every tree block and all data, in all copies. Of a subvolume: what\n' +
    'belongs to it. Nothing is written. Exits with 0 when all is good, with 1 when something was\n' +
    'bad but has a good copy, with 4 when something has none.\n' +
    'With --against a received snapshot is held against its source in everything that a stream\n' +
    'carries; with --with-record against what --record printed of the source before it was gone;\n' +
    'with --kept against the record that dendro send --to, or the service, made while sending.\n' +
    'Then 1 means that they differ. The first two take a folder of receive --plain, too.',
  options: {
    ...jsonOption,
    against: {
      type: 'string',
      value: 'SOURCE',
      help: 'compare with the snapshot it was sent from',
      without: ['with-record'],
    },
    'with-record': { type: 'string', value: 'FILE', help: 'compare with the record of its source' },
    kept: {
      type: 'boolean',
      help: 'compare with the record that was stored with it when it was received',
      without: ['against', 'with-record'],
    },
    record: {
      type: 'boolean',
      help: 'print a record: a line for each name, SHA-256 of each file (of its zeros, where 64 MiB are nothing else, the place)',
      without: ['json', 'against', 'with-record', 'kept'],
    },
  },
  arguments: { least: 1, most: 1 },
  async run({ options, positionals }) {
    const isJson = options.json === true;
    const proof = () => import('./verify-proof.ts');
    if (options.record) return (await proof()).printRecord(positionals[0]!);
    if (options.kept) return (await proof()).verifyKept(positionals[0]!, isJson);
    if (options.against !== undefined) {
      return (await proof()).verifyAgainst(positionals[0]!, options.against, isJson);
    }
    if (options['with-record'] !== undefined) {
      return (await proof()).verifyRecord(positionals[0]!, options['with-record'], isJson);
    }
    const place = placeOf(positionals[0]!);
    const isWhole = place.mountedPath === null && place.path === '';
    const hooks = progressOnTerminal();
    const report = isWhole
      ? verifyVolume(volumeFor(place.volume), hooks)
      : verifySubvolume(subvolumeAt(place), hooks);
    takeNotedDamages(); // what reading has met stands in the report
    if (isJson) printJson({ ...report, damages: report.damages.map(plainDamage) });
    else printLines(lines(report));
    return exitCode(report);
  },
});

const TELL_MS = 1_000;

/** A line that is written over, for a person who waits; nothing into a file or pipe. */
function progressOnTerminal(): VerifyHooks {
  if (!stderr.isTTY) return {};
  let toldMs = 0;
  return {
    onProgress: ({ blocks, dataBytes }) => {
      const now = performance.now();
      if (now - toldMs < TELL_MS) return;
      toldMs = now;
      stderr.write(`\r${blocks} tree blocks, ${size(dataBytes)} of data \x1b[K`);
    },
  };
}

function lines(report: VerifyReport) {
  const { blocks, dataBytes, unverifiedBytes, damages, damagesLeftOut, missingDevices } = report;
  return [
    ...damages.map(damageLine),
    ...missingDevices.map((id) => `device ${id} is missing: its copies were not looked at`),
    ...(damagesLeftOut > 0 ? [`and ${damagesLeftOut} more`] : []),
    `${blocks} tree blocks and ${size(dataBytes)} of data held against checksums`,
    ...(unverifiedBytes > 0 ? [`${size(unverifiedBytes)} have no checksums (nodatasum)`] : []),
  ];
}

function exitCode({ damages, missingDevices }: VerifyReport): number {
  if (damages.some(({ healedBy }) => healedBy === undefined)) return EXIT.corrupt;
  return damages.length + missingDevices.length > 0 ? EXIT.no : EXIT.ok;
}
