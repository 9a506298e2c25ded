import { DendroError, noteOfError } from '../../../shared/errors.ts';
import type { Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { ArchiveProblem } from '../../../shared/model/archive.ts';
import type { ArchiveReader, PointRef } from '../read/reader.ts';

/** What is wrong with an archive, and which points it spoils. */
export class Findings {
  readonly problems: ArchiveProblem[] = [];
  readonly notes: Note[] = [];
  readonly #reader: ArchiveReader;
  /** Points with something wrong in their own files. */
  readonly #bad = new Set<PointRef['point']>();

  constructor(reader: ArchiveReader) {
    this.#reader = reader;
  }

  /** Each once. @param spoils what may not be restored as it was, with all that builds on it */
  add(code: string, file: string, message: Note, spoils?: PointRef): void {
    const isKnown = this.problems.some(
      (one) => one.code === code && one.file === file && one.message.text === message.text,
    );
    if (isKnown) return;
    const names = spoils === undefined ? [] : this.#dependents(spoils);
    this.problems.push({ code, file, message, spoils: names });
  }

  /** The same, where one is given, of a point that is not whole for it. */
  addOf(point: PointRef | undefined, code: string, file: string, message: Note): void {
    if (point !== undefined) this.#bad.add(point.point);
    this.add(code, file, message, point);
  }

  /** Takes back what has turned out to be none. Returns whether there was one. */
  withdraw(codes: readonly string[], file: string): boolean {
    const at = this.problems.findIndex((one) => codes.includes(one.code) && one.file === file);
    if (at >= 0) this.problems.splice(at, 1);
    return at >= 0;
  }

  /**
   * Goes on after what is wrong with the archive, and notes it.
   * @param isStream what is read is the stream, without which the point is not whole
   * @param readFile where an error does not say it: the stream file
   */
  async guard(
    ref: PointRef,
    isStream: boolean,
    run: () => void | Promise<void>,
    readFile = streamFile(ref),
  ): Promise<void> {
    try {
      await run();
    } catch (error) {
      if (!(error instanceof DendroError) || error.kind === 'Cancelled' || error.kind === 'Bug')
        throw error;
      if (error.code === 'wrong-key') throw error;
      const { path } = error.place;
      const file = path === undefined ? readFile : this.#nameOf(path);
      this.addOf(isStream ? ref : undefined, error.code, file, noteOfError(error));
    }
  }

  /** With all that it builds on. */
  isWhole(ref: PointRef): boolean {
    try {
      return this.#reader.closureOf(ref).every(({ point }) => !this.#bad.has(point));
    } catch {
      return false;
    }
  }

  /** As a point names its files, where it is one of the archive's. */
  #nameOf(path: string): string {
    const folder = `${printable(this.#reader.archive.folder)}/`;
    return path.startsWith(folder) ? path.slice(folder.length) : path;
  }

  /** The point itself and all that build on it. */
  #dependents(ref: PointRef): string[] {
    return this.#reader.all
      .filter((one) => one.point === ref.point || this.#buildsOn(one, ref))
      .map(({ source, point }) => `${source.folder}/${point.name}`);
  }

  #buildsOn(one: PointRef, ref: PointRef): boolean {
    try {
      return this.#reader.closureOf(one).some(({ point }) => point === ref.point);
    } catch {
      return false;
    }
  }
}

/** The first file of its stream, in the archive: what is said of a point is said of this. */
export function streamFile({ source, point }: PointRef): string {
  return `${source.folder}/${point.parts[0]!.file}`;
}
