import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { DendroError } from '../../shared/errors.ts';
import { importStreams } from '../../main/archive/import/import-streams.ts';
import { rebuildIndex } from '../../main/archive/import/rebuild-index.ts';
import { syntheticFull } from '../../main/archive/compose/synthetic-full.ts';
import { pruneArchive } from '../../main/archive/prune/prune-archive.ts';
import { fromArchive } from '../../main/places/restore/from-archive.ts';
import { restorePlace } from '../../main/places/restore/restore-place.ts';
import { openArchive } from '../../main/archive/folder/archive.ts';
import { pointsOf } from '../../main/archive/read/reader.ts';
import { findInArchive } from '../../main/archive/verbs/browse.ts';
import { diffArchive } from '../../main/archive/verbs/diff.ts';
import { listArchive } from '../../main/archive/verbs/list-points.ts';
import { archiveVersions } from '../../main/archive/verbs/versions.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import type { Secrets } from '../../main/archive/folder/keys.ts';
import { Random } from '../harness/random.ts';
import { context } from './archive-harness.ts';
import { MUTATIONS, type Mutated } from './hostile-mutations.ts';
import { readableFiles, type Readable, type Truth } from './readable-files.ts';

/** A small archive that is whole, and what is in its points. */
export interface Subject {
  readonly name: string;
  readonly folder: string;
  readonly secrets: Secrets;
  /** Oldest first; each builds on the one before. */
  readonly truth: Truth;
  /** A stream that builds on the last point, and its files. */
  readonly next: { readonly file: string; readonly truth: Truth };
}

export interface CampaignResult {
  mutations: number;
  typedErrors: number;
  slowestMs: number;
  readonly codes: Map<string, number>;
  readonly failures: string[];
}

/** Reading, and every verb, of an archive of a few hundred kilobytes. */
const MAX_ATTEMPT_MS = 60_000;

/**
 * Spoils one thing of an archive at a time and lets every verb at it. What may come of it is a
 * typed error or an answer. Bytes that are not those recorded never come back as a file's
 * content; what was not hit by damage does come back; verify knows of all that does not; what
 * could be read stays readable, whichever verb changes the archive; and nothing outside of the
 * archive and the target is touched.
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
  readonly #point: string;
  #label: string;

  constructor(subject: Subject, arena: string, seed: number, result: CampaignResult) {
    this.#subject = subject;
    this.#arena = arena;
    this.#random = new Random(seed);
    this.#result = result;
    this.#point = [...subject.truth.keys()].at(-1)!;
    this.#label = `${subject.name} ${seed}`;
  }

  get #base() {
    return { folder: join(this.#arena, 'archive'), secrets: this.#subject.secrets };
  }

  async run(): Promise<void> {
    const { folder } = this.#base;
    const out = join(this.#arena, 'out');
    for (const name of [folder, out]) rmSync(name, { recursive: true, force: true });
    mkdirSync(out);
    cpSync(this.#subject.folder, folder, { recursive: true });
    writeFileSync(join(this.#arena, 'canary'), 'alive');
    const mutated = this.#random.pick(MUTATIONS)(folder, this.#random);
    this.#label += ` ${mutated.label}`;
    const at = performance.now();
    const before = await this.#read();
    if (mutated.kind !== 'forged index') this.#assertRight(before);
    if (mutated.kind === 'damage') this.#assertNotHit(mutated, before);
    await this.#look();
    await this.#restore(out, mutated, before);
    await this.#verify(mutated, before);
    await this.#change(mutated, before);
    const tookMs = performance.now() - at;
    this.#result.slowestMs = Math.max(this.#result.slowestMs, tookMs);
    if (tookMs > MAX_ATTEMPT_MS) this.#fail(`took ${Math.round(tookMs)} ms`);
    this.#lookOutside();
  }

  async #read(): Promise<Readable> {
    const nothing: Readable = { right: new Map(), wrong: [] };
    const { folder, secrets } = this.#base;
    const points = pointsOf(openArchive(this.#subject.folder));
    const identities = new Map(points.map(({ point }) => [point.name, point]));
    return (
      (await this.#verb('read', () =>
        readableFiles(folder, secrets, this.#subject.truth, identities),
      )) ?? nothing
    );
  }

  #assertRight({ wrong }: Readable): void {
    if (wrong.length > 0) this.#fail(`came back otherwise: ${wrong.slice(0, 5).join(', ')}`);
  }

  /** Points whose streams are as they were. */
  #assertNotHit({ hit }: Mutated, { right }: Readable): void {
    if (hit.some((file) => file === 'live')) return;
    const names = [...this.#subject.truth.keys()];
    // Of a point that neither of the two describes any more only the stream is left.
    const isUndescribed = hit.includes('manifest.json');
    const spoilt = hit
      .filter((file) => !file.includes('.partial-'))
      .filter((file) => file.includes('.btrfs.zst') || (isUndescribed && /point\.json/.test(file)))
      .map((file) => names.findIndex((name) => file.startsWith(`live/${name}.`)));
    const whole = names.slice(0, Math.min(names.length, ...spoilt));
    for (const name of whole) {
      const lost = this.#subject.truth.get(name)!.size - (right.get(name)?.size ?? 0);
      if (lost > 0) this.#fail(`${lost} files of ${name} are not to be read, which was not hit`);
    }
  }

  async #look(): Promise<void> {
    const base = this.#base;
    const point = this.#point;
    const [first] = this.#subject.truth.keys();
    await this.#verb('list', () => listArchive(base));
    await this.#verb('find', () => findInArchive({ ...base, point, pattern: '*' }, context()));
    await this.#verb('versions', () =>
      archiveVersions({ ...base, source: null, path: 'file-1' }, context()),
    );
    await this.#verb('diff', () => diffArchive({ ...base, from: first!, to: point }, context()));
  }

  /** What comes back is right; what does not is told. */
  async #restore(out: string, { kind }: Mutated, { right }: Readable): Promise<void> {
    const whole = { ...this.#base, point: this.#point, paths: [], destination: out };
    const summary = await this.#verb('restore', () =>
      restorePlace(fromArchive({ ...whole, clash: 'keep-both' }), context()),
    );
    const files = this.#subject.truth.get(this.#point)!;
    const inside = readdirSync(out).map((name) => join(out, name));
    const made = inside.find((path) => lstatSync(path).isDirectory());
    if (summary === undefined || made === undefined || kind === 'forged index') return;
    for (const [path, content] of files) {
      const restored = join(made, path);
      if (!existsSync(restored)) {
        if (right.get(this.#point)?.has(path) === true) this.#fail(`${path} was not restored`);
        if (summary.damageCount === 0) this.#fail(`not a word of ${path}, which is missing`);
      } else if (!readFileSync(restored).equals(content)) {
        this.#fail(`${path} was restored with other bytes`);
      }
    }
  }

  async #verify({ kind }: Mutated, { right }: Readable): Promise<void> {
    const verdict = await this.#verb('verify', () =>
      verifyArchive({ ...this.#base, level: 'full' }, context()),
    );
    if (verdict === undefined || kind === 'forged index') return;
    const whole = [...this.#subject.truth].filter(
      ([name, files]) => right.get(name)?.size === files.size,
    );
    if (verdict.wholePoints > whole.length)
      this.#fail(`verify calls ${verdict.wholePoints} points whole, ${whole.length} are`);
    const isListed = verdict.points === this.#subject.truth.size;
    if (isListed && whole.length < verdict.points && verdict.problems.length === 0)
      this.#fail('verify has nothing to say');
  }

  /** Verbs that change the archive lose nothing of a point that stays. */
  async #change({ kind }: Mutated, before: Readable): Promise<void> {
    const base = this.#base;
    const point = this.#point;
    const [first] = this.#subject.truth.keys();
    const now = { nowMs: Date.now() };
    await this.#verb('compose', () => syntheticFull({ ...base, ...now, point }, context()));
    await this.#verb('prune', () => pruneArchive({ ...base, ...now, points: [first!] }, context()));
    await this.#verb('rebuild', () => rebuildIndex({ ...base, ...now }, context()));
    const after = await this.#read();
    if (kind !== 'forged index') this.#assertKept(before, after);
    const { file, truth } = this.#subject.next;
    const imported = await this.#verb('import', () =>
      importStreams({ ...base, ...now, files: [file] }, context()),
    );
    if (imported?.imported.length !== 1 || kind === 'forged index') return;
    const { wrong } = await readableFiles(base.folder, base.secrets, truth);
    if (wrong.length > 0) this.#fail(`after an import: ${wrong.slice(0, 5).join(', ')}`);
  }

  #assertKept(before: Readable, after: Readable): void {
    const [, ...stay] = this.#subject.truth.keys();
    for (const name of stay) {
      const lost = [...(before.right.get(name) ?? [])].filter(
        (path) => after.right.get(name)?.has(path) !== true,
      );
      if (lost.length > 0) this.#fail(`lost by a change: ${name}: ${lost.slice(0, 5).join(', ')}`);
    }
    if (after.wrong.length > 0) this.#fail(`wrong after a change: ${after.wrong[0]}`);
  }

  async #verb<T>(name: string, use: () => T | Promise<T>): Promise<T | undefined> {
    // A signal is told by the event loop: all else here never comes to it.
    await setImmediate();
    try {
      return await use();
    } catch (error) {
      if (!(error instanceof DendroError) || error.kind === 'Bug') {
        this.#fail(`${name}: ${(error as Error).stack}`);
        return undefined;
      }
      this.#result.typedErrors += 1;
      const { codes } = this.#result;
      codes.set(error.code, (codes.get(error.code) ?? 0) + 1);
      return undefined;
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
