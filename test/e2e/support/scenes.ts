import type { DirectoryEntry, FolderPage } from '../../../shared/model/entry.ts';
import type { ErrorData } from '../../../shared/errors.ts';
import type { Run } from '../../../shared/model/run.ts';
import { defaultSettings, type ServiceInfo } from '../../../shared/model/service.ts';
import type { RestorePoint, Source, Subvolume } from '../../../shared/model/subvolume.ts';
import type { Volume } from '../../../shared/model/volume.ts';
import { healthOf } from '../../../main/plan/health.ts';
import { toFolder, toPlace } from '../../../main/runs/titles.ts';
import { noted, say } from '../../../shared/said.ts';
import { driveAnswers } from './drive-scene.ts';
import { examplePlans, planAnswers } from './plan-scene.ts';
import { sourceAnswers } from './source-answers.ts';
import type { Answers } from './stand-in.ts';

/** Sunday, 22 November 2026, 14:20 local: what the tests set the page's clock to. */
export const NOW = new Date(2026, 10, 22, 14, 20).getTime();
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const GB = 1e9;

export const LAPTOP = '6b1f0c1e-52a4-4d7e-9d0b-0d3f5a9e1c01';
export const BLUE = '6b1f0c1e-52a4-4d7e-9d0b-0d3f5a9e1c02';
export const AWAY = '6b1f0c1e-52a4-4d7e-9d0b-0d3f5a9e1c03';
const EXFAT = '1B7D-4E21';

function uuid(n: number): string {
  return `00000000-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** A small seeded generator: the same scene each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export function volume(volumeId: string, name: string, part: Partial<Volume> = {}): Volume {
  return {
    volumeId,
    fsid: volumeId.length === 36 ? volumeId : null,
    label: name,
    name,
    kind: 'mounted',
    devices: [{ deviceId: 1, path: '/dev/nvme0n1p3', sizeBytes: 512 * GB, usedBytes: 210 * GB }],
    mounts: [{ path: '/', subvolume: '@', readOnly: false }],
    sizeBytes: 512 * GB,
    usedBytes: 210 * GB,
    freeBytes: 298 * GB,
    profiles: { data: 'single', metadata: 'DUP', system: 'DUP' },
    checksum: 'crc32c',
    nodeSizeBytes: 16_384,
    generation: 48_211,
    removable: false,
    canReceive: true,
    problem: null,
    ...part,
  };
}

export const laptop = volume(LAPTOP, 'Laptop', {
  mounts: [
    { path: '/', subvolume: '@', readOnly: false },
    { path: '/home', subvolume: '@home', readOnly: false },
  ],
});
export const blueDrive = volume(BLUE, 'Blue Drive', {
  devices: [{ deviceId: 1, path: '/dev/sda1', sizeBytes: 2000 * GB, usedBytes: 720 * GB }],
  mounts: [{ path: '/run/media/anna/Blue Drive', subvolume: '/', readOnly: false }],
  sizeBytes: 2000 * GB,
  usedBytes: 720 * GB,
  freeBytes: 1270 * GB,
  removable: true,
});

interface PointsOptions {
  readonly count: number;
  readonly everyMs: number;
  readonly seed: number;
  readonly newestMs: number;
  /** Every how many points one is sent to the drive. */
  readonly sentEvery: number;
  readonly drive: { volumeId: string; name: string; present: boolean };
  readonly localMs?: number;
  readonly missing?: readonly [number, number];
}

export function restorePoints(options: PointsOptions): RestorePoint[] {
  const draw = random(options.seed);
  const points: RestorePoint[] = [];
  for (let i = 0; i < options.count; i++) {
    const changed = Math.round(draw() ** 4 * 9 * GB + draw() * 60e6);
    if (options.missing && i >= options.missing[0] && i < options.missing[1]) continue;
    const takenAtMs = options.newestMs - i * options.everyMs;
    const sent = i % options.sentEvery === 0;
    const local = options.localMs === undefined || options.newestMs - takenAtMs < options.localMs;
    if (!sent && !local) continue;
    const stamp = new Date(takenAtMs).toISOString().slice(0, 16);
    points.push(point(options, { i, takenAtMs, sent, local, changed, stamp }));
  }
  return points;
}

interface PointParts {
  i: number;
  takenAtMs: number;
  sent: boolean;
  local: boolean;
  changed: number;
  stamp: string;
}

function point(options: PointsOptions, parts: PointParts): RestorePoint {
  const { i, takenAtMs, sent, local, changed, stamp } = parts;
  const id = options.seed * 100_000 + i;
  const { drive } = options;
  return {
    pointId: uuid(id),
    sourceUuid: uuid(options.seed),
    name: stamp,
    takenAtMs,
    copies: [
      ...(local
        ? [
            {
              volumeId: LAPTOP,
              subvolumeId: id,
              volumeName: 'Laptop',
              path: `.dendro/${stamp}`,
              present: true,
              place: 'local' as const,
            },
          ]
        : []),
      ...(sent
        ? [
            {
              volumeId: drive.volumeId,
              subvolumeId: id,
              volumeName: drive.name,
              path: stamp,
              present: drive.present,
              place: 'drive' as const,
            },
          ]
        : []),
    ],
    backup: {
      runId: `run-${id}`,
      bytes: changed,
      files: Math.round(changed / 80_000),
      parentPointId: null,
    },
  };
}

export function source(
  name: string,
  id: number,
  points: RestorePoint[],
  part: Partial<Source> = {},
): Source {
  const copies = points.flatMap((p) => p.copies.map((c) => ({ ...c, at: p.takenAtMs })));
  const ids = [...new Set(copies.map((c) => c.volumeId))];
  return {
    volumeId: LAPTOP,
    subvolumeId: id,
    uuid: uuid(id),
    name,
    volumeName: 'Laptop',
    mountedPath: `/${name}`,
    present: true,
    points,
    pointCount: points.length,
    health: healthOf({
      points,
      nowMs: NOW,
      lastSeenAtMs: () => NOW - 9 * DAY,
      provenAtMs: () => null,
    }),
    safeUpToMs: points[0]?.takenAtMs ?? null,
    places: ids.map((volumeId) => {
      const own = copies.filter((c) => c.volumeId === volumeId);
      return {
        volumeId,
        name: own[0]!.volumeName,
        place: own[0]!.place,
        present: own[0]!.present,
        newestPointMs: Math.max(...own.map((c) => c.at)),
        lastSeenAtMs: own[0]!.present ? NOW : NOW - 9 * DAY,
      };
    }),
    nextRunAtMs: null,
    ...part,
  };
}

const blue = { volumeId: BLUE, name: 'Blue Drive', present: true };
const away = { volumeId: AWAY, name: 'Green Drive', present: false };

export const home = source(
  'home',
  257,
  restorePoints({
    count: 160,
    everyMs: 4 * HOUR,
    seed: 257,
    newestMs: NOW - 15 * 60_000,
    sentEvery: 3,
    drive: blue,
    localMs: 9 * DAY,
    missing: [62, 78],
  }),
  { nextRunAtMs: NOW + 40 * 60_000 },
);
export const system = source(
  '@',
  256,
  restorePoints({
    count: 30,
    everyMs: DAY,
    seed: 256,
    newestMs: NOW - 9 * DAY,
    sentEvery: 1,
    drive: away,
    localMs: 1,
  }),
  { mountedPath: '/' },
);
export const photos = source(
  'photos',
  258,
  restorePoints({
    count: 14,
    everyMs: DAY,
    seed: 258,
    newestMs: NOW - 20 * HOUR,
    sentEvery: 1_000,
    drive: blue,
    localMs: 60 * DAY,
  }).map((p) => ({ ...p, copies: p.copies.filter((c) => c.place === 'local'), backup: null })),
  { mountedPath: '/home/anna/Pictures' },
);

const counted = noted(
  'since',
  say`what changed since ${{ parent: '2026-11-22T10:05' }}: ${{ count: 18_204 }} files`,
);

export function run(part: Partial<Run> = {}): Run {
  const startedAtMs = NOW - 4 * 60_000;
  return {
    runId: 'run-1',
    kind: 'backup',
    state: 'done',
    title: toPlace('Home', 'Blue Drive'),
    startedAtMs,
    endedAtMs: startedAtMs + 131_000,
    progress: {
      bytes: 6_217_334_912,
      totalBytes: 6_217_334_912,
      files: 18_204,
      totalFiles: 18_204,
      percent: 100,
      bytesPerSecond: 84e6,
      etaMs: null,
      current: '',
    },
    steps: [
      { name: 'snapshot', state: 'done', startedAtMs, endedAtMs: startedAtMs + 900, detail: '' },
      {
        name: 'plan',
        state: 'done',
        startedAtMs: startedAtMs + 900,
        endedAtMs: startedAtMs + 4_100,
        detail: counted,
      },
      {
        name: 'send',
        state: 'done',
        startedAtMs: startedAtMs + 4_100,
        endedAtMs: startedAtMs + 128_000,
        detail: '',
      },
      {
        name: 'check',
        state: 'done',
        startedAtMs: startedAtMs + 128_000,
        endedAtMs: startedAtMs + 131_000,
        detail: '',
      },
    ],
    error: null,
    notes: [],
    planId: null,
    source: { volumeId: LAPTOP, subvolumeId: 257 },
    result: {
      point: { volumeId: BLUE, subvolumeId: 512 },
      parent: null,
      path: null,
      commands: 71_302,
    },
    canRepeat: true,
    commandLine:
      "dendro send -p /home/.dendro/2026-11-22T10:05 /home/.dendro/2026-11-22T14:05 | dendro receive '/run/media/anna/Blue Drive'",
    ...part,
  };
}

export const running = run({
  state: 'running',
  endedAtMs: null,
  startedAtMs: NOW - 52_000,
  progress: {
    bytes: 4_414_307_787,
    totalBytes: 6_217_334_912,
    files: 12_846,
    totalFiles: 18_204,
    percent: 71,
    bytesPerSecond: 84e6,
    etaMs: 130_000,
    current: 'anna/Pictures/2024/10-dolomites/img_3381.raw',
  },
  steps: [
    {
      name: 'snapshot',
      state: 'done',
      startedAtMs: NOW - 52_000,
      endedAtMs: NOW - 51_100,
      detail: '',
    },
    {
      name: 'plan',
      state: 'done',
      startedAtMs: NOW - 51_100,
      endedAtMs: NOW - 48_000,
      detail: counted,
    },
    { name: 'send', state: 'running', startedAtMs: NOW - 48_000, endedAtMs: null, detail: '' },
    { name: 'check', state: 'waiting', startedAtMs: null, endedAtMs: null, detail: '' },
  ],
  result: null,
});

export const failed = run({
  runId: 'run-2',
  state: 'failed',
  startedAtMs: NOW - 52_000,
  endedAtMs: NOW - 1_000,
  progress: { ...running.progress, etaMs: null, current: '' },
  steps: running.steps.map((s) =>
    s.name === 'send' ? { ...s, state: 'failed', endedAtMs: NOW - 1_000 } : s,
  ),
  error: {
    kind: 'Io',
    code: 'target-full',
    message: 'Could not write to "anna/Pictures/2024/10-dolomites/img_3381.raw": ENOSPC.',
    hint: 'Free some space on the target and run it again.',
    place: { path: 'anna/Pictures/2024/10-dolomites/img_3381.raw' },
    values: {
      what: 'write to',
      path: 'anna/Pictures/2024/10-dolomites/img_3381.raw',
      errno: 'ENOSPC',
    },
  },
  result: null,
});

export function history(count: number): Run[] {
  const draw = random(7);
  const titles = [
    toPlace('Home', 'Blue Drive'),
    toPlace('System', 'Green Drive'),
    toPlace('Photos', 'Blue Drive'),
    toFolder('letter.odt', 'Documents'),
  ];
  return Array.from({ length: count }, (_, i) => {
    const startedAtMs = NOW - (i + 1) * 4 * HOUR + Math.round(draw() * 9e5);
    const bytes = Math.round(draw() ** 3 * 30 * GB + 1e6);
    const outcome = draw();
    const kind = i % 9 === 4 ? ('restore' as const) : ('backup' as const);
    const state =
      outcome > 0.95
        ? ('failed' as const)
        : outcome > 0.92
          ? ('cancelled' as const)
          : ('done' as const);
    return run({
      runId: `h-${i}`,
      kind,
      state,
      title: kind === 'restore' ? titles[3]! : titles[i % 3]!,
      startedAtMs,
      endedAtMs: startedAtMs + Math.round(bytes / 84_000) + 900,
      progress: { ...run().progress, bytes, totalBytes: bytes, files: Math.round(bytes / 90_000) },
      error: state === 'failed' ? failed.error : null,
    });
  });
}

export function subvolume(id: number, path: string, part: Partial<Subvolume> = {}): Subvolume {
  return {
    volumeId: LAPTOP,
    subvolumeId: id,
    kind: 'subvolume',
    path,
    mountedPath: null,
    uuid: uuid(id),
    parentUuid: null,
    receivedUuid: null,
    parentId: 5,
    generation: 48_211,
    ctransid: 48_190,
    otransid: 7,
    stransid: 0,
    rtransid: 0,
    readOnly: false,
    createdAtMs: NOW - 400 * DAY,
    whole: true,
    ...part,
  };
}

export const subvolumes: Subvolume[] = [
  subvolume(5, '', { parentId: 0 }),
  subvolume(256, '@', { mountedPath: '/' }),
  subvolume(257, '@home', { mountedPath: '/home' }),
  ...home.points.slice(0, 40).map((p, i) =>
    subvolume(600 + i, `.dendro/${p.name}`, {
      kind: 'snapshot',
      readOnly: true,
      parentUuid: uuid(257),
      mountedPath: `/home/.dendro/${p.name}`,
      createdAtMs: p.takenAtMs,
      generation: 48_000 - i,
      otransid: 48_000 - i,
    }),
  ),
];

export const folder: DirectoryEntry[] = [
  ...['Documents', 'Music', 'Pictures', 'Projects', '.config'].map((name, i) =>
    entry(name, { type: 'directory', inode: 300 + i }),
  ),
  entry('letter to the city council.odt', { sizeBytes: 48_212 }),
  entry('accounts 2026.ods', { sizeBytes: 218_040, modifiedAtMs: NOW - 3 * DAY }),
  entry('packing list.txt', { sizeBytes: 1_204, modifiedAtMs: NOW - 30 * HOUR }),
  entry('latest', { type: 'symlink', linkTarget: 'Projects/dendro' }),
  // Names that are hard to show: right-to-left, a direction override, no text at all, 255 bytes.
  entry('رسالة إلى المدينة.txt', { sizeBytes: 902 }),
  entry('invoice\u202Efdp.exe', { sizeBytes: 77_000 }),
  entry('caf\udce9 menu.txt', { sizeBytes: 310 }),
  entry(`${'a very long name '.repeat(15).slice(0, 251)}.txt`, { sizeBytes: 12 }),
];

const badBlock: ErrorData = {
  kind: 'Corrupt',
  code: 'tree-block-damaged',
  message: 'The tree block at 30441472 is bad (checksum).',
  hint: 'Try dendro rescue on the device; btrfs check tells more.',
  place: { logical: 30_441_472 },
};

/** What can be read of a folder in which a block is bad. */
export const damagedFolder: FolderPage = {
  entries: folder.map((entry, i) =>
    i % 4 === 1 ? { ...entry, sizeBytes: 0, modifiedAtMs: 0, mode: 0, problem: badBlock } : entry,
  ),
  total: folder.length,
  problem: badBlock,
};

export function entry(name: string, part: Partial<DirectoryEntry> = {}): DirectoryEntry {
  return {
    name,
    type: 'file',
    inode: 400,
    sizeBytes: 4_096,
    modifiedAtMs: NOW - 12 * DAY,
    mode: 0o644,
    uid: 1000,
    gid: 1000,
    linkTarget: null,
    ...part,
  };
}

const TEXT = 'socks\nrain jacket\nthe small stove\nmaps 4 and 5\n';

export const ordinary: ServiceInfo = {
  version: '0.1.0',
  hostName: 'birch',
  userName: 'root',
  homePath: '/root',
  isRoot: true,
  carrier: 'websocket',
  command: './dendro',
  historyPath: '/var/lib/dendro/history.sqlite',
};

/** A disk that still shows itself, with a first superblock that does not. */
export const damaged = volume('old-disk', 'old-disk.img', {
  kind: 'image',
  fsid: null,
  label: '',
  devices: [
    { deviceId: 1, path: '/home/anna/old-disk.img', sizeBytes: 64 * GB, usedBytes: 31 * GB },
  ],
  mounts: [],
  freeBytes: null,
  canReceive: false,
  sizeBytes: 64 * GB,
  usedBytes: 31 * GB,
  problem: {
    kind: 'Corrupt',
    code: 'superblock-damaged',
    message: 'The first superblock does not match its checksum; the copy at 64 MiB is used.',
    hint: 'Copy what you need off this disk before it is written to again.',
    place: { device: '/home/anna/old-disk.img', physical: 65_536 },
  },
});

const planWorld = { nowMs: NOW, laptop: LAPTOP, blue: BLUE, exfat: EXFAT };
export const plans = examplePlans(planWorld);

function brought(points: readonly RestorePoint[], volumeId: string) {
  return points
    .filter(({ backup, copies }) => backup && copies.some((copy) => copy.volumeId === volumeId))
    .map(({ takenAtMs, backup }) => ({ takenAtMs, bytes: backup!.bytes }))
    .reverse();
}

/** A service in good order; a scene changes what it needs. */
export const goodOrder: Answers = {
  ...planAnswers(planWorld),
  ...driveAnswers({
    ...{ nowMs: NOW, laptop: LAPTOP, blue: BLUE, green: AWAY, exfat: EXFAT },
    ...{ pointId: uuid(257), sources: () => [home, system, photos] },
  }),
  'service.info': () => ordinary,
  'settings.get': () => defaultSettings,
  'volumes.list': () => [laptop, blueDrive],
  'subvolumes.list': () => subvolumes,
  ...sourceAnswers([home, system, photos]),
  'points.growth': ({ volumeId }) => brought(home.points, volumeId),
  'runs.list': ({ state }) => {
    const runs = state === 'running' ? [] : history(400);
    return { runs, total: runs.length };
  },
  'runs.log': () => ({
    lines: Array.from({ length: 40 }, (_, i) => ({
      atMs: NOW - 240_000 + i * 3_000,
      text: i % 9 === 0 ? 'step send' : `anna/Pictures/2024/10-dolomites/img_${3_000 + i}.raw`,
    })),
    total: 40,
  }),
  'catalogue.status': () => ({
    ...{ versions: 2_410_991, points: 412, bytes: 318_000_000, waiting: 3, off: [uuid(258)] },
  }),
  'runs.get': ({ runId }) =>
    [running, failed, run(), ...history(400)].find((r) => r.runId === runId)!,
  'directory.list': ({ offset, limit }) => ({
    entries: folder.slice(offset ?? 0, (offset ?? 0) + (limit ?? 500)),
    total: folder.length,
  }),
  'entry.get': ({ path }) => ({
    ...(folder.find((e) => e.name === path) ?? entry(path)),
    links: 1,
    generation: 41_233,
    transid: 47_002,
    diskBytes: 4_096,
    createdAtMs: NOW - 80 * DAY,
    changedAtMs: NOW - 30 * HOUR,
    device: null,
    flags: [],
    xattrs: [{ name: 'user.xdg.origin.url', sizeBytes: 40 }],
  }),
  'file.preview': () => ({
    sizeBytes: TEXT.length,
    base64: Buffer.from(TEXT).toString('base64'),
    text: TEXT,
    mediaType: 'text/plain',
    truncated: false,
  }),
  'file.versions': ({ path }) =>
    home.points.slice(0, 9).map((p, i) => ({
      volumeId: LAPTOP,
      subvolumeId: p.copies[0]!.subvolumeId,
      path,
      pointId: p.pointId,
      takenAtMs: p.takenAtMs,
      volumeName: 'Laptop',
      exists: i < 8,
      sizeBytes: 1_204 - i * 90,
      modifiedAtMs: p.takenAtMs - HOUR,
      sameAsPrevious: i % 2 === 0,
    })),
  'restore.preview': ({ paths }) => ({
    items: paths.map((path) => ({
      from: path,
      to: `/home/anna/${path.replace('.txt', ' (restored 22 Nov 14.20).txt')}`,
      keepsExisting: true,
      aside: null,
    })),
    files: 1,
    bytes: 1_204,
    neededBytes: 5_120,
    freeBytes: 84_217_334_912,
    fits: true,
    sharesExtents: true,
    skipped: 0,
    holders: [],
    commandLine: `dendro restore --in-place /home/.dendro/2026-11-22T14:05/${paths[0]}`,
  }),
  'restore.start': () => ({ runId: 'run-1' }),
  'restore.undo': () => ({}),
  'backup.planExport': ({ folder }) => ({
    ...{ files: 41_203, bytes: 61_400_000_000, upon: null, uponTakenAtMs: null },
    ...{ folder: `/run/media/anna/STICK/${folder}`, targetFreeBytes: 101_000_000_000 },
    commandLine: `dendro archive export /run/media/anna/STICK/${folder} /home`,
  }),
  'update.get': () => ({
    ...{ version: '0.1.0', state: 'available', newVersion: '0.2.0', notes: 'Faster.' },
    ...{ issuedAtMs: NOW - 3 * HOUR, lookedAtMs: NOW - HOUR, ready: null, problem: null },
    file: {
      ...{ name: 'dendro_0.2.0_amd64.deb', kind: 'deb', arch: 'x64' },
      ...{ sizeBytes: 98_000_000, sha512: '0'.repeat(128) },
    },
  }),
  'backup.plan': () => ({
    candidates: [
      {
        parent: subvolume(600, '.dendro/a', { createdAtMs: NOW - 4 * HOUR }),
        commands: 71_302,
        files: 18_204,
        bytes: 6_217_334_912,
      },
      {
        parent: subvolume(601, '.dendro/b', { createdAtMs: NOW - 28 * HOUR }),
        commands: 90_114,
        files: 22_018,
        bytes: 9_870_112_004,
      },
      { parent: null, commands: 2_410_991, files: 604_112, bytes: 187_402_118_656 },
    ],
    targetFreeBytes: blueDrive.freeBytes,
    fits: true,
    notes: [],
  }),
  'backup.start': () => ({ runId: 'run-1' }),
};

const manySources = [
  source('home', 257, manyPoints(4_000, 3, HOUR), { mountedPath: '/home' }),
  ...Array.from({ length: 60 }, (_, i) =>
    source(
      `machines/vm-${String(i).padStart(3, '0')} ${'with a long name '.repeat(i % 4)}`,
      1_000 + i,
      manyPoints(60 + i, 1_000 + i, 6 * HOUR),
    ),
  ),
];

function manyPoints(count: number, seed: number, everyMs: number): RestorePoint[] {
  const newestMs = NOW - 15 * 60_000;
  return restorePoints({ count, everyMs, seed, newestMs, sentEvery: 4, drive: blue });
}

/** A folder of 200,000 entries, 10,000 snapshots, 2,000 runs, 60 sources, years of points. */
export const huge: Answers = {
  ...goodOrder,
  ...sourceAnswers(manySources),
  'directory.list': ({ offset = 0, limit = 500 }) => ({
    entries: Array.from({ length: Math.min(limit, 200_000 - offset) }, (_, i) =>
      entry(`img_${String(offset + i).padStart(6, '0')}.jpg`, {
        inode: 1_000 + offset + i,
        sizeBytes: 2_000_000 + (((offset + i) * 7_919) % 6_000_000),
      }),
    ),
    total: 200_000,
  }),
  'subvolumes.list': () => [
    ...subvolumes,
    ...Array.from({ length: 10_000 }, (_, i) =>
      subvolume(10_000 + i, `.snapshots/${i}/snapshot`, {
        kind: 'snapshot',
        readOnly: true,
        createdAtMs: NOW - i * HOUR,
        parentUuid: uuid(257),
      }),
    ),
  ],
  'runs.list': ({ state }) => {
    const runs = state === 'running' ? [] : history(2_000);
    return { runs, total: 120_000 };
  },
};

/** A computer on which nothing has been set up. */
export const fresh: Answers = {
  ...goodOrder,
  'sources.list': () => [
    source('@home', 257, [], { mountedPath: '/home' }),
    source('@', 256, [], { mountedPath: '/' }),
  ],
  'runs.list': () => ({ runs: [], total: 0 }),
  'plans.list': () => [],
  'plans.file': () => ({ path: null, readAtMs: null, error: null }),
  'pins.list': () => [],
};
