import { noted, counted, say, type Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { ArchiveVerdict } from '../../../shared/model/archive.ts';
import type { VerbContext } from '../../engine/context.ts';
import type { Secrets } from '../folder/keys.ts';
import { isSame, openArchive } from '../folder/archive.ts';
import { KeyRing } from '../format/age-header.ts';
import { openTree, type OpenTree } from '../read/open-tree.ts';
import { ArchiveReader, openReader, type PointRef } from '../read/reader.ts';
import { whileThere } from '../folder/archive-gone.ts';
import { Findings, streamFile } from './findings.ts';
import { hashTree } from './hash-tree.ts';
import { lookAtKeys } from './key-copies.ts';
import { StoredFiles } from './stored-files.ts';
import { StreamChecks } from './stream-checks.ts';
import { toldTwice } from './told-twice.ts';

export interface VerifyArchiveInput {
  readonly folder: string;
  readonly secrets?: Secrets;
  /**
   * - quick: files are there with their sizes, the manifest fits, each increment has its parent.
   *   Needs no key.
   * - full: every byte: hashes of files and streams, frames, commands, indexes, and the content
   *   of every file of every point.
   * - chain: indexes only: each chain replays into a whole tree.
   */
  readonly level: 'quick' | 'full' | 'chain';
}

/**
 * Looks whether an archive is whole. Goes on after each problem; says what it spoils.
 * @throws Io 'archive-gone'
 */
export async function verifyArchive(
  input: VerifyArchiveInput,
  context: VerbContext,
): Promise<ArchiveVerdict> {
  return whileThere(
    input.folder,
    () => verified(input, context),
    ({ problems }) => problems.length > 0,
  );
}

async function verified(input: VerifyArchiveInput, context: VerbContext): Promise<ArchiveVerdict> {
  const reader =
    input.level === 'quick'
      ? new ArchiveReader(openArchive(input.folder), new KeyRing([]))
      : await openReader(input.folder, input.secrets);
  try {
    return await new Verification(reader, input, context).run();
  } finally {
    reader.close();
  }
}

class Verification {
  readonly #reader: ArchiveReader;
  readonly #level: VerifyArchiveInput['level'];
  readonly #secrets: Secrets;
  readonly #context: VerbContext;
  readonly #findings: Findings;
  readonly #stored: StoredFiles;
  readonly #streams: StreamChecks;
  #bytes = 0;
  #files = 0;

  constructor(reader: ArchiveReader, input: VerifyArchiveInput, context: VerbContext) {
    this.#reader = reader;
    this.#level = input.level;
    this.#secrets = input.secrets ?? {};
    this.#context = context;
    const { cancel } = context;
    const findings = new Findings(reader);
    const files = new StoredFiles(reader, findings, (path, bytes) => {
      cancel.check();
      this.#bytes += bytes;
      this.#report(0, printable(path));
    });
    const onRead = (bytes: number, name: string): void => this.#report(bytes, name);
    this.#findings = findings;
    this.#stored = files;
    this.#streams = new StreamChecks({ reader, findings, files, cancel, onRead });
  }

  async run(): Promise<ArchiveVerdict> {
    const { all } = this.#reader;
    for (const source of this.#reader.archive.manifest.sources) this.#stored.strangers(source);
    await this.#described();
    for (const ref of all) {
      this.#context.cancel.check();
      this.#stored.look(ref);
      if (this.#level === 'full') await this.#findings.guard(ref, true, () => this.#full(ref));
      if (this.#level === 'chain') {
        await this.#findings.guard(ref, false, () => this.#streams.identity(ref));
      }
    }
    if (this.#level !== 'quick') for (const ref of this.#tips()) await this.#replay(ref);
    const whole = all.filter((ref) => this.#findings.isWhole(ref));
    return {
      level: this.#level,
      points: all.length,
      wholePoints: whole.length,
      bytes: this.#bytes,
      files: this.#files,
      problems: this.#findings.problems,
      notes: [...this.#reader.notes, ...this.#findings.notes],
    };
  }

  /** Without what the stream says itself, each of two that differ may be the right one. */
  async #described(): Promise<void> {
    const { archive } = this.#reader;
    const described = toldTwice(archive);
    const keys = await lookAtKeys(archive, this.#secrets);
    this.#findings.notes.push(...described.notes, ...keys.notes);
    for (const { code, file, message, spoiled } of [...described.problems, ...keys.problems]) {
      const doubtful = this.#level === 'full' ? undefined : spoiled;
      this.#findings.addOf(doubtful, code, file, message);
    }
  }

  async #full(ref: PointRef): Promise<void> {
    this.#stored.hash(ref);
    await this.#streams.full(ref);
  }

  /** Points that no other builds on: their chains pass all others. */
  #tips(): PointRef[] {
    const { all } = this.#reader;
    return all.filter(
      ({ point }) =>
        !all.some((one) => one.point.parent !== null && isSame(one.point.parent, point)),
    );
  }

  async #replay(ref: PointRef): Promise<void> {
    await this.#findings.guard(ref, true, async () => {
      await this.#reader.unlock(this.#reader.closureOf(ref));
      const onPoint = (open: OpenTree): void => {
        this.#names(open);
        if (this.#level !== 'full') return;
        const { files, unhashed, wrong } = hashTree(open, this.#context.cancel);
        this.#files += files;
        if (unhashed > 0) this.#findings.notes.push(notHashed(open.ref, unhashed));
        for (const { path, message } of wrong) {
          this.#findings.add(
            'file-content',
            `${open.ref.source.folder}/${open.ref.point.name}`,
            noted('file-problem', say`${{ path }}: ${{ reason: message }}`),
            open.ref,
          );
        }
      };
      openTree(this.#reader, ref, this.#context.cancel, { onPoint });
    });
  }

  #names({ ref, tree }: OpenTree): void {
    const { point } = ref;
    if (point.names === null || point.names === tree.names) return;
    this.#findings.add(
      'not-as-recorded',
      streamFile(ref),
      noted(
        'names-counted',
        say`It holds ${{ found: tree.names }} names instead of ${{ recorded: point.names }}.`,
      ),
    );
  }

  #report(more: number, current: string): void {
    const bytes = this.#bytes + more;
    this.#context.progress({
      step: 'verify',
      bytes,
      totalBytes: null,
      files: this.#files,
      totalFiles: null,
      current,
    });
  }
}

/** Nothing is wrong with it; but less was looked at than of others. */
function notHashed({ source, point }: PointRef, files: number): Note {
  const name = printable(`${source.folder}/${point.name}`);
  return noted(
    'files-not-hashed',
    say`"${{ name }}": ${{ files }} ${counted(files, 'file has', 'files have')} no hash: only that of the whole stream was compared.`,
  );
}
