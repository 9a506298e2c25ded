import { usage } from '../../shared/errors.ts';
import { bytesFromText, printable, textFromBytes } from '../../shared/model/bytes-text.ts';
import { listBlockDevices, listSiblingImages } from '../engine/device/index.ts';
import { copyAll, copyOut, listFiles, openRescue, type Rescue } from '../engine/rescue/index.ts';
import { lookup } from '../engine/tree/index.ts';
import { entryType } from '../engine/verbs/entries.ts';
import { EXIT } from './exit-codes.ts';
import { defineCommand, jsonOption, type Options } from './options.ts';
import { printJson, printLines, size } from './output.ts';
import {
  allReport,
  copyLines,
  lossLines,
  lostBlockLines,
  plainReport,
  plainSubvolume,
} from './rescue-report.ts';
import { stderr } from '../linux/stderr.ts';

const options = {
  ...jsonOption,
  list: { type: 'boolean', help: 'list the files that can still be reached', without: ['to'] },
  to: { type: 'string', value: 'FOLDER', help: 'copy out to this folder, which is made' },
  subvolume: {
    type: 'string',
    value: 'PATH|ID',
    help: 'only this one, by path or by number',
    needs: ['list', 'to'],
  },
  path: {
    type: 'string',
    value: 'PATH',
    help: 'only this file or folder of the subvolume',
    needs: ['to'],
  },
  snapshots: {
    type: 'boolean',
    help: 'read-only snapshots too, when everything is copied',
    needs: ['to'],
    without: ['subvolume'],
  },
} as const;

export const command = defineCommand({
  usage: [
    'rescue [--json] DEVICE ...',
    'rescue --list [--json] [--subvolume PATH|ID] DEVICE ...',
    'rescue --to FOLDER [--json] [--snapshots | --subvolume PATH|ID [--path PATH]] DEVICE ...',
  ],
  summary: 'reads a volume that no longer mounts, as far as it goes; copies out what is left',
  details:
    'Tries every superblock, every backup root, at last the devices from end to end. Lists the\n' +
    'subvolumes that can be reached; with --list their files; with --to copies them out to a new\n' +
    'FOLDER on any filesystem: every subvolume to its place, read-only snapshots with\n' +
    '--snapshots only, or the one that --subvolume names. Goes on past damage, and ends with a\n' +
    'list of what was lost and why. The devices are only read; those of the same filesystem that\n' +
    'were not named are looked for. Exits with 1 when something was lost.',
  options,
  arguments: { least: 1, most: 100 },
  run({ options, positionals }) {
    if (options.path !== undefined && options.subvolume === undefined) {
      throw usage('bad-arguments', '--path needs --subvolume: a path in which one?', {
        hint: 'The top level is --subvolume 5.',
      });
    }
    const rescue = openRescue(positionals, {
      onStep: ({ text }) => say(text),
      candidates: () => [...listBlockDevices(), ...listSiblingImages(positionals)],
    });
    try {
      say(`Way in: ${rescue.entry.text}`);
      const isNewest = sayWhetherOlder(rescue);
      const code = carryOut(rescue, options);
      return isNewest ? code : EXIT.no;
    } finally {
      rescue.close();
    }
  },
});

type Given = Options<typeof options>;

function carryOut(rescue: Rescue, given: Given): number {
  if (given.list) return list(rescue, given);
  if (given.to === undefined) return subvolumes(rescue, given.json === true);
  if (given.subvolume === undefined) return everything(rescue, given.to, given);
  return one(rescue, given.to, given.subvolume, given);
}

/** A way in that is whole may be older than what was written last. */
function sayWhetherOlder({ volume, newestGeneration }: Rescue): boolean {
  const { generation } = volume;
  if (generation >= newestGeneration) return true;
  say(`What was written after generation ${generation}, up to ${newestGeneration}, is not in it.`);
  return false;
}

function say(line: string): void {
  stderr.write(`${line}\n`);
}

function subvolumes(rescue: Rescue, isJson: boolean): number {
  const found = rescue.subvolumes().map(plainSubvolume);
  if (isJson) printJson({ entry: rescue.entry, subvolumes: found, lost: rescue.lost });
  else {
    printLines(
      found.map(
        ({ subvolumeId, path, isReachable, isReadOnly }) =>
          `${subvolumeId}  ${isReachable ? printable(path) || '/' : '(its place is lost)'}` +
          (isReadOnly ? '  read-only' : ''),
      ),
    );
    printLines(lostBlockLines(rescue.lost));
  }
  return rescue.lost.length === 0 ? EXIT.ok : EXIT.no;
}

function named(rescue: Rescue, which: string) {
  return rescue.open(/^\d+$/.test(which) ? Number(which) : bytesFromText(which));
}

function list(rescue: Rescue, { subvolume, json }: Given): number {
  const chosen = subvolume === undefined ? rescue.subvolumes() : [subvolume];
  let isWhole = true;
  const all = chosen.map((which) => {
    const { subvolume, lost } =
      typeof which === 'string' ? named(rescue, which) : rescue.open(which);
    isWhole &&= lost.length === 0;
    return { info: subvolume.info, files: listFiles(subvolume), lost };
  });
  const plain = ({ path, type, isSubvolume, modifiedAt, ...rest }: Listed) => ({
    path: textFromBytes(path),
    type: entryType(type, isSubvolume),
    modifiedAtMs: modifiedAt === null ? null : Number(modifiedAt) * 1_000,
    ...rest,
  });
  if (json) {
    printJson(
      all.map(({ info, files, lost }) => ({
        ...plainSubvolume(info),
        files: [...files].map(plain),
        lost,
      })),
    );
    return isWhole ? EXIT.ok : EXIT.no;
  }
  for (const { info, files, lost } of all) {
    const name = info.isReachable ? printable(textFromBytes(info.path)) || '/' : '(place lost)';
    printLines([`subvolume ${info.id}  ${name}`]);
    printLines(fileLines(files, () => (isWhole = false)));
    printLines(lostBlockLines(lost));
  }
  return isWhole ? EXIT.ok : EXIT.no;
}

type Listed = ReturnType<typeof listFiles> extends Generator<infer T> ? T : never;

function* fileLines(files: Iterable<Listed>, onProblem: () => void): Generator<string> {
  for (const { path, sizeBytes, problem } of files) {
    if (problem !== null) onProblem();
    const facts = problem?.text ?? (sizeBytes === null ? '' : size(sizeBytes));
    yield `  ${printable(textFromBytes(path))}  ${facts}`.trimEnd();
  }
}

function one(rescue: Rescue, to: string, which: string, { path, json }: Given): number {
  const { subvolume, lost } = named(rescue, which);
  const from = path === undefined ? undefined : lookup(subvolume, bytesFromText(path)).inode;
  const report = copyOut(subvolume, lost, to, {}, from);
  if (json) printJson({ ...plainReport(report), lost });
  else printLines([...lossLines(report), ...lostBlockLines(lost), ...copyLines(report)]);
  return report.losses.length + lost.length === 0 ? EXIT.ok : EXIT.no;
}

function everything(rescue: Rescue, to: string, { snapshots, json }: Given): number {
  const all = (): boolean => true;
  const done = copyAll(rescue, bytesFromText(to), snapshots === true ? all : undefined);
  const { plain, lines, isWhole } = allReport(done, rescue.lost);
  if (json) printJson(plain);
  else printLines(lines);
  return isWhole ? EXIT.ok : EXIT.no;
}
