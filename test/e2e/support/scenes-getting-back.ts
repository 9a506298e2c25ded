import { conflict } from '../../../shared/errors.ts';
import type { ArchivePoint } from '../../../shared/model/archive.ts';
import type { ComparisonEntry, DifferenceCounts } from '../../../shared/model/comparison.ts';
import type { HealFile } from '../../../shared/model/heal.ts';
import type { FoundHolder } from '../../../shared/model/recover.ts';
import type { StreamCommand, StreamEntry, StreamLook } from '../../../shared/model/stream.ts';
import {
  BLUE,
  goodOrder,
  home,
  LAPTOP,
  NOW,
  run,
  running,
  subvolume,
  subvolumes,
} from './scenes.ts';
import type { Answers } from './stand-in.ts';
import { noted, say } from '../../../shared/said.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ARCHIVE = '/run/media/anna/Blue Drive/archive';

const none: DifferenceCounts = { added: 0, removed: 0, moved: 0, modified: 0, metadata: 0 };

function changed(
  name: string,
  kind: ComparisonEntry['differences'][number]['kind'] | null,
  part: Partial<ComparisonEntry> & { previousPath?: string; sizeBytes?: number } = {},
): ComparisonEntry {
  const { previousPath = null, sizeBytes = 48_000, ...rest } = part;
  return {
    name,
    path: name,
    isFolder: false,
    differences:
      kind === null
        ? []
        : [
            {
              path: name,
              type: 'file',
              kind,
              previousPath,
              aspects:
                kind === 'metadata' ? ['mode', 'times'] : kind === 'modified' ? ['data'] : [],
              sizeBytes,
              previousBytes: kind === 'added' ? null : 40_000,
            },
          ],
    below: none,
    ...rest,
  };
}

const differences: ComparisonEntry[] = [
  changed('Documents', null, { isFolder: true, below: { ...none, modified: 3, added: 1 } }),
  changed('Pictures', null, { isFolder: true, below: { ...none, added: 212, moved: 4 } }),
  changed('accounts 2026.ods', 'modified', { sizeBytes: 218_040 }),
  changed('packing list.txt', 'modified', { sizeBytes: 1_204 }),
  changed('letter to the city council.odt', 'moved', { previousPath: 'Documents/draft.odt' }),
  changed('old invoice.pdf', 'removed'),
  changed('.bash_history', 'metadata'),
];

const OLD_TEXT = 'socks\numbrella\nthe small stove\nmaps 4 and 5\n';
const NEW_TEXT = 'socks\nrain jacket\nthe small stove\nmaps 4 and 5\nchocolate\n';

const looked: StreamLook = {
  paths: ['/home/anna/home.btrfs.zst'],
  fileBytes: 2_140_000_000,
  packing: 'zstd',
  version: 2,
  streamBytes: 6_217_334_912,
  commands: 412_871,
  counts: [
    { name: 'snapshot', count: 1 },
    { name: 'write', count: 210_442 },
    { name: 'utimes', count: 81_023 },
    { name: 'mkfile', count: 40_120 },
    { name: 'rename', count: 40_310 },
    { name: 'chown', count: 20_112 },
    { name: 'chmod', count: 20_105 },
    { name: 'set_xattr', count: 712 },
    { name: 'symlink', count: 45 },
    { name: 'end', count: 1 },
  ],
  subvolumes: [
    {
      name: 'home-2026-11-22',
      uuid: '4f0c7b1e9a5d4c21b1f08d3a6c2e7f90',
      ctransid: 48_190,
      parent: { uuid: '1d2c3b4a59687f6e5d4c3b2a19087f6e', ctransid: 47_210 },
      firstCommand: 0,
      commands: 412_871,
      dataBytes: 6_120_400_128,
      hasEnd: true,
    },
  ],
  problem: null,
  isTreeCut: false,
};

function touched(name: string, part: Partial<StreamEntry> = {}): StreamEntry {
  return {
    name,
    type: 'file',
    change: 'changed',
    previousPath: null,
    sizeBytes: 48_000,
    modifiedAtMs: NOW - 3 * HOUR,
    mode: 0o644,
    uid: 1000,
    gid: 1000,
    linkTarget: null,
    dataBytes: 48_000,
    ...part,
  };
}

const touchedEntries: StreamEntry[] = [
  touched('Documents', { type: 'directory', change: 'none', dataBytes: 4_182_004 }),
  touched('Pictures 2026', {
    type: 'directory',
    change: 'renamed',
    previousPath: 'Pictures',
    dataBytes: 6_100_400_128,
  }),
  touched('accounts 2026.ods', { dataBytes: 218_040 }),
  touched('fresh.txt', { change: 'added', dataBytes: 902 }),
  touched('old invoice.pdf', { change: 'removed', dataBytes: 0, modifiedAtMs: null }),
  touched('caf\udce9 menu.txt', { change: 'added', dataBytes: 310 }),
];

function command(index: number): StreamCommand {
  const kinds = ['mkfile', 'rename', 'write', 'chown', 'chmod', 'utimes'] as const;
  const name = index === 0 ? 'snapshot' : kinds[index % kinds.length]!;
  const path = `Pictures/2026/10-dolomites/img_${String(index).padStart(6, '0')}.raw`;
  const facts = {
    snapshot: [{ name: 'uuid', value: looked.subvolumes[0]!.uuid }],
    mkfile: [{ name: 'inode', value: 1_000 + index }],
    rename: [],
    write: [
      { name: 'offset', value: index * 131_072 },
      { name: 'length', value: 131_072 },
    ],
    chown: [
      { name: 'uid', value: 1000 },
      { name: 'gid', value: 1000 },
    ],
    chmod: [{ name: 'mode', value: 0o644 }],
    utimes: [{ name: 'modifiedAtMs', value: NOW - HOUR }],
  }[name];
  return {
    index,
    offset: 17 + index * 131_100,
    lengthBytes: 131_100,
    name,
    path: name === 'snapshot' ? 'home-2026-11-22' : path,
    other: name === 'rename' ? `${path}.final` : null,
    facts,
  };
}

function archivePoint(i: number): ArchivePoint {
  const isFull = i % 8 === 0;
  return {
    name: `home-${i}`,
    base: `home-${i}`,
    uuid: `${i}`.padStart(32, '0'),
    ctransid: 40_000 + i,
    parent: isFull ? null : { uuid: `${i - 1}`.padStart(32, '0'), ctransid: 39_999 + i },
    parentName: isFull ? null : `home-${i - 1}`,
    kind: isFull ? 'full' : 'increment',
    excludes: [],
    isRestorable: i !== 13,
    isSynthetic: i === 16,
    takenAtMs: NOW - (24 - i) * DAY,
    exportedAtMs: NOW - (24 - i) * DAY + HOUR,
    fileBytes: isFull ? 94_000_000_000 : 400_000_000 + i * 31_000_000,
    streamBytes: isFull ? 187_000_000_000 : 900_000_000,
    files: [`home-${i}.btrfs.zst`],
  };
}

const RESCUE = { runId: 'rescue-1' };

/** Calls that end at once, and what they came to. */
export const gettingBack: Answers = {
  ...goodOrder,
  'runs.get': ({ runId }) => {
    const known = goodOrder['runs.get']!({ runId });
    return known instanceof Promise || known !== undefined
      ? known
      : run({ runId, commandLine: commands[runId] ?? '', kind: 'compare' });
  },
  'drives.list': () => [],
  'file.preview': ({ subvolumeId, path }) => {
    const text = (subvolumeId >> 1) % 2 === 0 ? NEW_TEXT : OLD_TEXT;
    return {
      sizeBytes: text.length,
      base64: Buffer.from(text).toString('base64'),
      text: path.endsWith('.txt') ? text : null,
      mediaType: path.endsWith('.txt') ? 'text/plain' : 'application/octet-stream',
      truncated: false,
    };
  },
  'comparison.start': () => ({ runId: 'compare-1' }),
  'comparison.summary': () => ({
    counts: { added: 213, removed: 1, moved: 5, modified: 5, metadata: 1 },
    addedBytes: 6_100_000_000,
    removedBytes: 40_000,
    filesRead: 14,
    unreadable: [],
    unreadableCount: 0,
    notes: [],
  }),
  'comparison.folder': () => ({ entries: differences, total: differences.length }),
  'catalogue.status': () => ({
    versions: 8_412_338,
    points: 214,
    bytes: 900_000_000,
    waiting: 0,
    off: [],
  }),
  'catalogue.find': ({ text = '' }) => ({
    entries: text === 'nowhere' ? [] : Array.from({ length: 240 }, (_, i) => found(i)),
  }),
  'rollback.plan': ({ point }) => ({
    layout: 'named',
    point: { id: point.subvolumeId, path: '.dendro/2026-11-22T14:05' },
    target: { id: 257, path: '@home' },
    newPath: '@home.dendro-new',
    keptPath: '@home (before 2026-11-22T14.20)',
    setsDefault: false,
    fixesFstab: false,
    nested: [{ from: '@home/anna/vm', to: '@home/anna/vm' }],
    notes: [
      noted(
        'old-until-restart',
        say`${{ at: '/home' }} shows the old state until it is mounted again: restart the computer.`,
      ),
    ],
    mountPoints: ['/home'],
    commandLine: 'dendro rollback /home/.dendro/2026-11-22T14:05',
  }),
  'stream.look': () => ({ runId: 'stream-1' }),
  'stream.found': () => looked,
  'stream.directory': () => ({ entries: touchedEntries, total: touchedEntries.length }),
  'stream.commands': ({ offset = 0, limit = 500 }) =>
    Array.from({ length: Math.min(limit, looked.commands - offset) }, (_, i) =>
      command(offset + i),
    ),
  'stream.search': ({ after = 0 }) => ({
    commands: Array.from({ length: 400 }, (_, i) => command(after + i * 6 + 1)),
    next: after + 2_401,
  }),
  'archive.open': ({ folder }) => ({
    folder,
    archiveId: '7b1f0c1e52a44d7e9d0b0d3f5a9e1c01',
    createdAtMs: NOW - 90 * DAY,
    isEncrypted: false,
    hasPassphrase: false,
    sources: [
      {
        folder: 'home',
        title: 'home',
        uuid: null,
        purged: [],
        points: Array.from({ length: 24 }, (_, i) => archivePoint(i)),
        unfinished: [],
      },
    ],
    notes: [],
  }),
  'archive.directory': ({ path, offset, limit }) => {
    const listed = goodOrder['directory.list']!({
      volumeId: LAPTOP,
      subvolumeId: 1,
      path,
      ...(offset === undefined ? {} : { offset }),
      ...(limit === undefined ? {} : { limit }),
    });
    return { ...(listed as Exclude<typeof listed, Promise<unknown>>), notes: [] };
  },
  'rescue.look': () => RESCUE,
  'rescue.found': () => ({
    entry: noted('way-backup-root', say`the backup root of generation ${{ generation: 48_209 }}`),
    label: 'Laptop',
    subvolumes: [
      { subvolumeId: 5, path: '', isReachable: true, isReadOnly: false, generation: 48_209 },
      { subvolumeId: 256, path: '@', isReachable: true, isReadOnly: false, generation: 48_209 },
      { subvolumeId: 257, path: '@home', isReachable: true, isReadOnly: false, generation: 48_201 },
      {
        subvolumeId: 600,
        path: '.dendro/2026-11-20',
        isReachable: true,
        isReadOnly: true,
        generation: 47_000,
      },
    ],
    lost: [
      {
        tree: 257,
        logical: 30_408_704,
        level: 1,
        reason: 'checksum',
        fromObject: 4_201,
        toObject: 4_900,
        generation: 48_100,
        leavesFound: 18,
      },
    ],
  }),
};

const commands: Record<string, string> = {
  'compare-1': 'dendro diff /home/.dendro/2026-11-22T10:05 /home/.dendro/2026-11-22T14:05',
  'stream-1': 'zstd -dc /home/anna/home.btrfs.zst | dendro receive --dump',
  'rescue-1': 'dendro rescue /dev/sdb1',
  'recover-1': 'dendro recover /dev/sda1',
  'heal-1': 'dendro heal --dry-run /home',
};

function found(
  i: number,
): NonNullable<Awaited<ReturnType<NonNullable<Answers['catalogue.find']>>>>['entries'][number] {
  const isAway = i % 5 === 3;
  const point = home.points[i % home.points.length]!;
  return {
    sourceUuid: home.uuid!,
    sourceName: 'home',
    path: `anna/Documents/2024/letters/letter to the tax office ${i}.odt`,
    type: 'file',
    sizeBytes: 40_000 + i * 917,
    modifiedAtMs: NOW - i * 9 * DAY,
    versions: 1 + (i % 7),
    isDeleted: i % 3 === 1,
    firstPointMs: NOW - (400 + i) * DAY,
    lastPointMs: point.takenAtMs,
    pointId: point.pointId,
    copies: [
      {
        volumeId: isAway ? 'away' : BLUE,
        volumeName: isAway ? 'Green Drive' : 'Blue Drive',
        subvolumeId: 512,
        present: !isAway,
      },
    ],
  };
}

/** A look that goes on. */
export const streamBusy: Answers = {
  ...gettingBack,
  'runs.get': ({ runId }) => ({
    ...running,
    runId,
    kind: 'verify',
    title: 'home.btrfs.zst',
    steps: [
      { name: 'read', state: 'running', startedAtMs: NOW - 9_000, endedAtMs: null, detail: '' },
    ],
    progress: {
      ...running.progress,
      totalBytes: null,
      totalFiles: null,
      percent: null,
      etaMs: null,
      current: '',
    },
  }),
};

/** A stream that is damaged in its middle. */
export const streamDamaged: Answers = {
  ...gettingBack,
  'stream.found': () => ({
    ...looked,
    subvolumes: looked.subvolumes.map((one) => ({ ...one, hasEnd: false, parent: null })),
    problem: {
      kind: 'Corrupt',
      code: 'stream-checksum',
      message: 'The stream is damaged: a command has a wrong checksum.',
      hint: 'Send it again, or take another copy of the stream file.',
      place: { offset: 3_204_113, command: 212_004 },
    },
  }),
};

export const ARCHIVE_ADDRESS = `/streams/archive/${encodeURIComponent(ARCHIVE)}`;
export const STREAM_ADDRESS = `/streams/file/${encodeURIComponent('/home/anna/home.btrfs.zst')}`;

/** A disk with a backup, an archive and loose streams, and one more that does not open. */
export const trouble: Answers = {
  ...gettingBack,
  'recover.look': () => ({ runId: 'recover-1' }),
  'recover.report': () => ({
    path: '/dev/sda1',
    holders: [
      holder('volume', '/dev/sda1', 'Blue Drive', { volumeId: BLUE }),
      holder('archive', '/run/media/anna/Blue Drive/archive', 'archive', { isEncrypted: true }),
      holder('streams', '/run/media/anna/Blue Drive/btrbk', 'btrbk'),
      holder('volume', '/run/media/anna/Blue Drive/old-disk.img', 'old-disk.img', {
        canRescue: true,
        problem: {
          kind: 'Corrupt',
          code: 'tree-damaged',
          message: 'The tree of roots cannot be read: no copy fits its checksum.',
          hint: 'Try dendro rescue on the device.',
          place: { device: '/run/media/anna/Blue Drive/old-disk.img', logical: 30_408_704 },
        },
      }),
    ],
    points: [
      ...Array.from({ length: 30 }, (_, i) => ({
        holder: 0,
        name: `home-${30 - i}`,
        kind: 'received' as const,
        place: { kind: 'snapshot' as const, volumeId: BLUE, subvolumeId: 600 + i },
        takenAtMs: NOW - i * DAY,
        isWhole: i !== 1,
        problem: null,
      })),
      {
        holder: 2,
        name: 'home.20261101.btrfs',
        kind: 'full' as const,
        place: null,
        takenAtMs: NOW - 21 * DAY,
        isWhole: true,
        problem: null,
      },
    ],
    isCut: false,
  }),
  'place.directory': ({ path, offset, limit }) => {
    const page = {
      ...(offset === undefined ? {} : { offset }),
      ...(limit === undefined ? {} : { limit }),
    };
    return goodOrder['directory.list']!({ volumeId: BLUE, subvolumeId: 1, path, ...page });
  },
  'place.restorePreview': ({ paths }) =>
    goodOrder['restore.preview']!({
      point: { volumeId: BLUE, subvolumeId: 600 },
      paths,
      destination: { kind: 'original' },
    }),
};

function holder(
  kind: 'volume' | 'archive' | 'streams' | 'folder',
  path: string,
  name: string,
  part: Partial<FoundHolder> = {},
): FoundHolder {
  return {
    ...{ kind, path, name, volumeId: null, isEncrypted: false },
    ...{ problem: null, canRescue: false, notes: [], ...part },
  };
}

function damagedFile(path: string, copies: number, lostBytes: number): HealFile {
  return {
    path,
    otherPaths: [],
    inode: 4_211,
    sizeBytes: 31_400_000,
    modifiedAtMs: NOW - 40 * DAY,
    lost: [{ offset: 4_096, lengthBytes: lostBytes, reason: noted('checksum', 'checksum') }],
    lostBytes,
    copies: Array.from({ length: copies }, (_, i) => ({
      place: { kind: 'snapshot' as const, volumeId: BLUE, subvolumeId: 512 + i },
      name: `home-${i}`,
      where: 'Blue Drive',
      takenAtMs: NOW - (2 + i) * DAY,
      proof: i === 0 ? ('checksum' as const) : ('same-file' as const),
      goodBytes: lostBytes,
      sizeBytes: 31_400_000,
      modifiedAtMs: NOW - 40 * DAY,
    })),
    isHealable: copies > 0,
  };
}

/** Three files fail their checksum; two have good copies. */
export const damagedFiles: Answers = {
  ...gettingBack,
  'heal.look': () => ({ runId: 'heal-1' }),
  'heal.report': () => ({
    source: { volumeId: LAPTOP, subvolumeId: 257 },
    files: [
      damagedFile('anna/Pictures/2024/10-dolomites/img_3381.raw', 3, 12_288),
      damagedFile('anna/Documents/accounts 2024.ods', 1, 4_096),
      damagedFile('anna/.cache/thumbnails/9f2c.png', 0, 8_192),
    ],
    filesLeftOut: 0,
    filesChecked: 604_112,
    bytesChecked: 187_402_118_656,
    unverifiedBytes: 1_200_000,
    mirrored: [],
    mirroredCount: 0,
    treeProblem: null,
    placesLooked: 96,
    placesFailed: [
      {
        name: 'Green Drive',
        reason: noted('drive-away', say`"${{ name: 'Green Drive' }}" is not plugged in.`),
      },
    ],
  }),
};

/** Somebody put another subvolume in the place of what the points were taken from. */
export const rolledBackByHand: Answers = {
  ...gettingBack,
  'subvolumes.list': () => [...subvolumes, subvolume(2_600, '@home.old', { mountedPath: null })],
  'rollback.plan': (request) => {
    if (request.targetId !== undefined) return gettingBack['rollback.plan']!(request);
    throw conflict(
      'rollback-target-unclear',
      say`"${{ path: '.dendro/2026-11-22T14:05' }}" was taken from "${{ target: '@home.old' }}", which is not mounted; "${{ heir: '@home' }}" is, which was made of it.`,
      { hint: 'Name the subvolume that it shall take the place of: --subvolume PATH.' },
    );
  },
};
