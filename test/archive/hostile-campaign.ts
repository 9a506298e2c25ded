import { createHash } from 'node:crypto';
import {
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { constants, zstdCompressSync } from 'node:zlib';
import { DendroError } from '../../shared/errors.ts';
import { rebuildIndex } from '../../main/archive/import/rebuild-index.ts';
import { syntheticFull } from '../../main/archive/compose/synthetic-full.ts';
import { pruneArchive } from '../../main/archive/prune/prune-archive.ts';
import { fromArchive } from '../../main/places/restore/from-archive.ts';
import { restorePlace } from '../../main/places/restore/restore-place.ts';
import { findInArchive, readArchiveFile } from '../../main/archive/verbs/browse.ts';
import { diffArchive } from '../../main/archive/verbs/diff.ts';
import { listArchive } from '../../main/archive/verbs/list-points.ts';
import { archiveVersions } from '../../main/archive/verbs/versions.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import type { Secrets } from '../../main/archive/folder/keys.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import { context } from './archive-harness.ts';

/** A small archive that is whole, and what is in its last point. */
export interface Subject {
  readonly name: string;
  readonly folder: string;
  readonly secrets: Secrets;
  /** Name of the last point, and its files. */
  readonly point: string;
  readonly files: ReadonlyMap<string, Buffer>;
}

export interface CampaignResult {
  mutations: number;
  typedErrors: number;
  slowestMs: number;
  readonly codes: Map<string, number>;
  readonly failures: string[];
}

type Mutation = (folder: string, random: Random) => string;

const MAX_CONTENT = 64 << 20;
const HOSTILE_TEXT = ['../canary', '/etc/passwd', '..', '', 'a/b', '\0', 'x'.repeat(70_000)];
const HOSTILE_NUMBERS = [-1, 0, 1, 2 ** 31, 2 ** 53, 1e300, 0.5, 2 ** 40];

/**
 * Spoils one thing of an archive at a time and lets every verb at it. What may come of it is a
 * typed error or an answer; bytes that damage without a right checksum has hit never come back
 * as a file's content; nothing outside of the archive and the target is touched.
 */
export async function runCampaign(
  subject: Subject,
  arena: string,
  first: number,
  count: number,
): Promise<CampaignResult> {
  const result: CampaignResult = {
    mutations: 0,
    typedErrors: 0,
    slowestMs: 0,
    codes: new Map(),
    failures: [],
  };
  for (let seed = first; seed < first + count; seed += 1) {
    await new Attempt(subject, arena, seed, result).run();
    result.mutations += 1;
  }
  return result;
}

class Attempt {
  readonly #subject: Subject;
  readonly #arena: string;
  readonly #random: Random;
  readonly #result: CampaignResult;
  #label: string;

  constructor(subject: Subject, arena: string, seed: number, result: CampaignResult) {
    this.#subject = subject;
    this.#arena = arena;
    this.#random = new Random(seed);
    this.#result = result;
    this.#label = `${subject.name} ${seed}`;
  }

  async run(): Promise<void> {
    const { point, secrets } = this.#subject;
    const folder = join(this.#arena, 'archive');
    const out = join(this.#arena, 'out');
    for (const name of [folder, out]) rmSync(name, { recursive: true, force: true });
    mkdirSync(out);
    cpSync(this.#subject.folder, folder, { recursive: true });
    writeFileSync(join(this.#arena, 'canary'), 'alive');
    const mutation = this.#random.pick(MUTATIONS);
    this.#label += ` ${mutation(folder, this.#random)}`;
    const isProven = mutation === spoilBytes;
    const at = performance.now();
    const base = { folder, secrets };
    await this.#verb('list', () => listArchive({ folder }));
    await this.#verb('find', () => findInArchive({ ...base, point, pattern: '*' }, context()));
    await this.#verb('versions', () =>
      archiveVersions({ ...base, source: null, path: 'file-1' }, context()),
    );
    await this.#verb('diff', () => diffArchive({ ...base, from: 'snap.0', to: point }, context()));
    for (const [path, content] of this.#subject.files) {
      await this.#verb('cat', async () => {
        const parts: Buffer[] = [];
        let left = MAX_CONTENT;
        const take = (bytes: Uint8Array): boolean => {
          parts.push(Buffer.from(bytes));
          // A forged size may say anything; the zeros need not all be seen.
          return (left -= bytes.length) > 0;
        };
        await readArchiveFile({ ...base, point, path }, context(), take);
        if (isProven && !Buffer.concat(parts).equals(content)) {
          this.#fail(`${path} came back with other bytes`);
        }
      });
    }
    await this.#verb('restore', () => {
      const whole = { ...base, point, paths: [], destination: out, clash: 'keep-both' as const };
      return restorePlace(fromArchive(whole), context());
    });
    await this.#verb('verify', () => verifyArchive({ ...base, level: 'full' }, context()));
    await this.#verb('compose', () => syntheticFull({ ...base, point, nowMs: 1 }, context()));
    await this.#verb('prune', () =>
      pruneArchive({ ...base, keep: { latest: 1 }, nowMs: Date.now() } as never, context()),
    );
    await this.#verb('rebuild', () => rebuildIndex({ ...base, nowMs: 1 }, context()));
    this.#result.slowestMs = Math.max(this.#result.slowestMs, performance.now() - at);
    this.#lookOutside();
  }

  async #verb(name: string, use: () => unknown): Promise<void> {
    // A signal is told by the event loop: all else here never comes to it.
    await setImmediate();
    try {
      await use();
    } catch (error) {
      if (!(error instanceof DendroError) || error.kind === 'Bug') {
        this.#fail(`${name}: ${(error as Error).stack}`);
        return;
      }
      this.#result.typedErrors += 1;
      const { codes } = this.#result;
      codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
    }
  }

  #lookOutside(): void {
    const canary = join(this.#arena, 'canary');
    if (lstatSync(canary, { throwIfNoEntry: false })?.isFile() !== true) this.#fail('canary gone');
    else if (readFileSync(canary, 'utf8') !== 'alive') this.#fail('canary changed');
    const names = readdirSync(this.#arena).sort().join(' ');
    if (names !== 'archive canary out') this.#fail(`beside the archive now: ${names}`);
  }

  #fail(what: string): void {
    this.#result.failures.push(`${this.#label}: ${what}`);
  }
}

/** Bytes of any file, without a right checksum. */
function spoilBytes(folder: string, random: Random): string {
  const file = random.pick(streamFiles(folder));
  const bytes = readFileSync(join(folder, file));
  const spoilt = spoil(bytes, random);
  writeFileSync(join(folder, file), spoilt);
  return `bytes of ${file}`;
}

/** The plain content of an index or a stream, packed again so that every checksum is right. */
function spoilInside(folder: string, random: Random): string {
  const sealed = streamFiles(folder);
  const files = sealed.filter((file) => file.endsWith('.zst'));
  if (files.length === 0) return spoilBytes(folder, random);
  const file = random.pick(files);
  const path = join(folder, file);
  const plain = run('zstd', ['-dcq', path]).stdout;
  const isIndex = file.includes('.index.');
  // The footer of an index is a frame of its own: the JSON at the end.
  const cut = isIndex ? plain.lastIndexOf('{"format":"dendro-index"') : plain.length;
  const log = spoil(plain.subarray(0, cut), random);
  const frames = [log, plain.subarray(cut)].filter((frame) => frame.length > 0);
  writeFileSync(path, Buffer.concat(frames.map(packed)));
  listAnew(folder, file);
  return `inside of ${file}`;
}

/** A value of the manifest or of a record, with all its copies or alone. */
function spoilJson(folder: string, random: Random): string {
  const files = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.json'));
  const chosen = random.chance(0.5) ? ['manifest.json'] : [random.pick(files)];
  for (const file of chosen) {
    const path = join(folder, file);
    const value = JSON.parse(readFileSync(path, 'utf8')) as unknown;
    const spots = spotsOf(value);
    const { holder, key } = random.pick(spots);
    holder[key] = hostileValue(holder[key], random);
    writeFileSync(path, JSON.stringify(value));
  }
  if (random.chance(0.3)) rmSync(join(folder, 'manifest.json'), { force: true });
  return `json of ${chosen.join()}`;
}

/** A link or a FIFO in the place of something, or where Dendro will write. */
function plantLink(folder: string, random: Random): string {
  const inside = readdirSync(join(folder, 'live')).map((name) => `live/${name}`);
  const written = ['.dendro-lock', 'manifest.json.tmp', 'README.txt.tmp', 'receipts'];
  const partial = inside.filter((name) => /index/.test(name)).map((name) => `${name}.partial-0001`);
  const name = random.pick([...inside, ...written, ...partial, 'manifest.json', 'live']);
  rmSync(join(folder, name), { recursive: true, force: true });
  if (random.chance(0.3)) run('mkfifo', [join(folder, name)]);
  else
    symlinkSync(random.pick(['../canary', '../../canary', '..', '/dev/zero']), join(folder, name));
  return `link at ${name}`;
}

/** One file in the place of another. */
function swapFiles(folder: string, random: Random): string {
  const names = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => lstatSync(join(folder, name)).isFile());
  const [from, to] = [random.pick(names), random.pick(names)];
  writeFileSync(join(folder, to), readFileSync(join(folder, from)));
  return `${from} in the place of ${to}`;
}

const MUTATIONS: readonly Mutation[] = [
  spoilBytes,
  spoilBytes,
  spoilInside,
  spoilInside,
  spoilJson,
  spoilJson,
  plantLink,
  swapFiles,
];

function streamFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /\.zst(\.age)?$|key\.age$/.test(name));
}

function spoil(bytes: Buffer, random: Random): Buffer {
  const copy = Buffer.from(bytes);
  const at = random.between(0, Math.max(1, copy.length));
  const length = random.between(1, 17);
  switch (random.between(0, 6)) {
    case 0:
      return copy.subarray(0, at);
    case 1:
      return Buffer.concat([copy.subarray(0, at), random.bytes(length), copy.subarray(at)]);
    case 2:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]);
    case 3:
      copy.fill(0xff, at, Math.min(copy.length, at + length));
      return copy;
    default:
      for (let i = 0; i < length; i += 1) {
        copy[random.between(0, Math.max(1, copy.length))] = random.between(0, 256);
      }
      return copy;
  }
}

function packed(plain: Buffer): Buffer {
  return zstdCompressSync(plain, {
    pledgedSrcSize: plain.length,
    params: { [constants.ZSTD_c_checksumFlag]: 1 },
  });
}

/** Lets record and manifest say of a changed file what it now is. */
function listAnew(folder: string, file: string): void {
  const bytes = readFileSync(join(folder, file));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const name = file.slice(file.lastIndexOf('/') + 1);
  const files = readdirSync(folder, { recursive: true }).map(String);
  for (const json of files.filter((one) => /manifest\.json$|point\.json$/.test(one))) {
    const value = JSON.parse(readFileSync(join(folder, json), 'utf8')) as unknown;
    for (const { holder } of spotsOf(value)) {
      if (holder['file'] === name) Object.assign(holder, { bytes: bytes.length, sha256 });
    }
    writeFileSync(join(folder, json), JSON.stringify(value));
  }
}

interface Spot {
  readonly holder: Record<string, unknown>;
  readonly key: string;
}

function spotsOf(value: unknown): Spot[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...spotsOf(holder[key])]);
}

function hostileValue(old: unknown, random: Random): unknown {
  if (random.chance(0.15)) return random.pick([null, [], {}, true, 'text', 7]);
  if (typeof old === 'string') return random.pick(HOSTILE_TEXT);
  if (typeof old === 'number') return random.pick(HOSTILE_NUMBERS);
  return random.pick([null, [], {}, 'text', [null], [{}]]);
}
