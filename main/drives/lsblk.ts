import { existsSync } from 'node:fs';
import { z } from 'zod';
import { ioError } from '../../shared/errors.ts';
import { noted, say, type Note } from '../../shared/said.ts';
import { runTool } from './tool.ts';

/** Older versions print numbers and booleans as text. */
const Flag = z.preprocess((value) => value === true || value === '1' || value === 1, z.boolean());
const Text = z.preprocess((value) => value ?? '', z.string().trim());
const Size = z.preprocess((value) => Number(value ?? 0), z.int().nonnegative());

/** A block device of `lsblk --json` (lsblk(8)), with those that lie on it. */
export interface BlockNode {
  readonly path: string;
  readonly kname: string;
  /** 'disk', 'part', 'crypt', 'loop', 'lvm', 'raid1' ... */
  readonly type: string;
  /** 'MAJ:MIN'. */
  readonly number: string;
  readonly sizeBytes: number;
  readonly removable: boolean;
  readonly readOnly: boolean;
  readonly model: string;
  readonly vendor: string;
  readonly serial: string;
  readonly transport: string;
  readonly filesystem: string;
  readonly uuid: string;
  readonly label: string;
  readonly children: readonly BlockNode[];
}

const Node: z.ZodType<BlockNode> = z
  .object({
    path: z.string(),
    kname: z.string(),
    type: Text,
    'maj:min': Text,
    size: Size,
    rm: Flag,
    hotplug: Flag,
    ro: Flag,
    model: Text,
    vendor: Text,
    serial: Text,
    tran: Text,
    fstype: Text,
    uuid: Text,
    label: Text,
    get children() {
      return z.array(Node).optional();
    },
  })
  .transform(({ 'maj:min': number, size, rm, hotplug, ro, tran, fstype, children, ...rest }) => ({
    ...rest,
    number,
    sizeBytes: size,
    removable: rm || hotplug,
    readOnly: ro,
    transport: tran,
    filesystem: fstype,
    children: children ?? [],
  }));

const COLUMNS =
  'NAME,PATH,KNAME,TYPE,MAJ:MIN,SIZE,RM,HOTPLUG,RO,MODEL,VENDOR,SERIAL,TRAN,FSTYPE,UUID,LABEL';
/** None of the devices, or only some of them, were still there (lsblk(8), exit status). */
const GONE_MEANWHILE = [32, 64];

/** @throws Io 'devices-unreadable'; Unsupported 'tool-missing' */
export async function listBlockNodes(): Promise<BlockNode[]> {
  const { exitCode, stdout, stderr } = await runTool('lsblk', [
    '--json',
    '--bytes',
    '--output',
    COLUMNS,
  ]);
  if (exitCode !== 0 && !GONE_MEANWHILE.includes(exitCode)) throw unreadable(stderr.trim());
  if (stdout.trim() === '') return [];
  return parseLsblk(stdout);
}

export function parseLsblk(text: string): BlockNode[] {
  try {
    return z.object({ blockdevices: z.array(Node) }).parse(JSON.parse(text)).blockdevices;
  } catch (error) {
    throw unreadable(noted('answer-unexpected', 'its answer is not as expected'), error);
  }
}

/** What blkid(8) finds on a device: type, UUID, label, and the device's own UUID within btrfs. */
export interface Probed {
  readonly filesystem: string;
  readonly uuid: string;
  readonly label: string;
  readonly memberUuid: string;
}

/**
 * Reads the devices' superblocks, for those that udev does not know. By device path; a device
 * that holds nothing known, or may not be read, is left out.
 */
export async function probe(paths: readonly string[]): Promise<Map<string, Probed>> {
  const found = new Map<string, Probed>();
  let rest = [...paths];
  while (rest.length > 0) {
    const { exitCode, stdout } = await runTool('blkid', ['--probe', '--output', 'export', ...rest]);
    for (const [path, probed] of parseBlkid(stdout)) found.set(path, probed);
    if (exitCode === 0) break;
    // It stops at the first device that it finds nothing on: go on behind that one.
    const answered = stdout.match(/^DEVNAME=/gm)?.length ?? 0;
    rest = rest.slice(answered + 1);
  }
  return found;
}

/** `KEY=value` lines, devices apart by an empty line; a backslash stands before what is unsafe. */
export function parseBlkid(text: string): Map<string, Probed> {
  const found = new Map<string, Probed>();
  for (const block of text.split(/\n\n+/)) {
    const values = new Map(
      block.split('\n').flatMap((line): [string, string][] => {
        const equals = line.indexOf('=');
        if (equals < 0) return [];
        return [[line.slice(0, equals), line.slice(equals + 1).replace(/\\(.)/g, '$1')]];
      }),
    );
    const path = values.get('DEVNAME');
    if (path === undefined || !values.has('TYPE')) continue;
    found.set(path, {
      filesystem: values.get('TYPE')!,
      uuid: values.get('UUID') ?? '',
      label: values.get('LABEL') ?? '',
      memberUuid: values.get('UUID_SUB') ?? '',
    });
  }
  return found;
}

/** Whether udev has looked at the device: then lsblk knows all, and its disk need not be woken. */
export function udevKnows({ number }: BlockNode): boolean {
  return existsSync(`/run/udev/data/b${number}`);
}

function unreadable(why: string | Note, cause?: unknown): Error {
  return ioError('devices-unreadable', say`lsblk could not list the devices: ${{ why }}.`, {
    hint: 'Run lsblk to see what it says.',
    cause,
  });
}
