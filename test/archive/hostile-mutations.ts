import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import type { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';

/** What was done to an archive. */
export interface Mutated {
  readonly label: string;
  /** Files that are not what they were, in the archive. */
  readonly hit: readonly string[];
  /**
   * - damage: as a drive does it, or a careless copy: what was not hit stays restorable
   * - forgery: somebody made it fit: bytes that are not those recorded are still told apart
   * - forged index: hashes stand in it, so that whoever forges one decides what is right
   */
  readonly kind: 'damage' | 'forgery' | 'forged index';
}

export type Mutation = (folder: string, random: Random) => Mutated;

/** Bytes of any file, without a right checksum. */
function spoilBytes(folder: string, random: Random): Mutated {
  const file = random.pick(random.chance(0.6) ? streamFiles(folder) : filesIn(folder));
  const bytes = readFileSync(join(folder, file));
  writeFileSync(join(folder, file), spoil(bytes, random));
  return { label: `bytes of ${file}`, hit: [file], kind: 'damage' };
}

/** A file that is not there. */
function loseFile(folder: string, random: Random): Mutated {
  const file = random.pick(filesIn(folder));
  rmSync(join(folder, file));
  return { label: `no ${file}`, hit: [file], kind: 'damage' };
}

/** The plain content of an index or a stream, packed again so that every checksum is right. */
function spoilInside(folder: string, random: Random): Mutated {
  const files = streamFiles(folder).filter((file) => file.endsWith('.zst'));
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
  const kind = isIndex ? 'forged index' : 'forgery';
  return { label: `inside of ${file}`, hit: [file], kind };
}

/** A value of the manifest or of a record, with all its copies or alone. */
function spoilJson(folder: string, random: Random): Mutated {
  const files = filesIn(folder).filter((name) => name.endsWith('.json'));
  const file = random.chance(0.5) ? 'manifest.json' : random.pick(files);
  const path = join(folder, file);
  const value = JSON.parse(readFileSync(path, 'utf8')) as unknown;
  const spots = spotsOf(value);
  const { holder, key } = random.pick(spots);
  const likes = spots.filter((spot) => spot.key === key);
  holder[key] = random.chance(0.4)
    ? structuredClone(random.pick(likes).holder[key])
    : hostileValue(holder[key], random);
  writeFileSync(path, JSON.stringify(value));
  const isAlone = random.chance(0.3);
  if (isAlone) rmSync(join(folder, 'manifest.json'), { force: true });
  const label = `json of ${file}: ${key}${isAlone ? ', no manifest' : ''}`;
  return { label, hit: [file], kind: 'forgery' };
}

/** A link or a FIFO in the place of something, or where Dendro will write. */
function plantLink(folder: string, random: Random): Mutated {
  const inside = readdirSync(join(folder, 'live')).map((name) => `live/${name}`);
  const written = ['.dendro-lock', 'manifest.json.tmp', 'README.txt.tmp', 'receipts'];
  const partial = inside.filter((name) => /index/.test(name)).map((name) => `${name}.partial-0001`);
  const file = random.pick([...inside, ...written, ...partial, 'manifest.json', 'live']);
  rmSync(join(folder, file), { recursive: true, force: true });
  if (random.chance(0.3)) run('mkfifo', [join(folder, file)]);
  else
    symlinkSync(random.pick(['../canary', '../../canary', '..', '/dev/zero']), join(folder, file));
  return { label: `link at ${file}`, hit: [file], kind: 'damage' };
}

/** One file in the place of another. */
function swapFiles(folder: string, random: Random): Mutated {
  const names = filesIn(folder);
  const from = random.pick(names);
  const likes = names.filter((name) => endOf(name) === endOf(from) && name !== from);
  const to = random.pick(random.chance(0.6) && likes.length > 0 ? likes : names);
  const [one, other] = [from, to].map((name) => readFileSync(join(folder, name)));
  writeFileSync(join(folder, to), one!);
  if (random.chance(0.5))
    return { label: `${from} in the place of ${to}`, hit: [to], kind: 'damage' };
  writeFileSync(join(folder, from), other!);
  return { label: `${from} and ${to} in each other's place`, hit: [from, to], kind: 'damage' };
}

export const MUTATIONS: readonly Mutation[] = [
  ...[spoilBytes, spoilBytes, spoilInside, spoilInside, spoilJson, spoilJson],
  ...[plantLink, swapFiles, loseFile],
];

function filesIn(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }).map(String).sort();
  return names.filter((name) => lstatSync(join(folder, name)).isFile());
}

function streamFiles(folder: string): string[] {
  return filesIn(folder).filter((name) => /\.zst(\.age)?(\.part-\d+)?$|key\.age$/.test(name));
}

/** What tells the kind of a file of an archive: streams, indexes, records; empty for others. */
function endOf(name: string): string {
  return /\.(btrfs|index|point)\..*$/.exec(name)?.[1] ?? '';
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
  for (const json of filesIn(folder).filter((one) => /manifest\.json$|point\.json$/.test(one))) {
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

const HOSTILE_TEXT = ['../canary', '/etc/passwd', '..', '', 'a/b', '\0', 'x'.repeat(70_000)];
const HOSTILE_NUMBERS = [-1, 0, 1, 2 ** 31, 2 ** 53, 1e300, 0.5, 2 ** 40];

function hostileValue(old: unknown, random: Random): unknown {
  if (random.chance(0.15)) return random.pick([null, [], {}, true, 'text', 7]);
  if (typeof old === 'string') return random.pick(HOSTILE_TEXT);
  if (typeof old === 'number') return random.pick(HOSTILE_NUMBERS);
  return random.pick([null, [], {}, 'text', [null], [{}]]);
}
