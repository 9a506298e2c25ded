/** Bytes of a plain send stream, at any place. */
export interface PlainReader {
  readonly size: number;
  /** `length` bytes from `at` on; borrowed until the next read. @throws Corrupt, Io */
  read(at: number, length: number): Buffer;
  /** The same into memory of the caller's own. */
  copyTo(target: Buffer, at: number, length: number): void;
  /**
   * The first of these, at least one: as many as stand together in memory; borrowed until the next
   * read of any stream. For who comes here once.
   */
  passBy(at: number, length: number): Buffer;
  /** Which of the frames that are unpacked in one go a byte stands in. */
  frameAt(at: number): number;
}

/** The stream that data stands in; it is opened when somebody reads. */
export interface StreamRef {
  /** For people: the file in the archive's folder. */
  readonly name: string;
  readonly plain: PlainReader;
}
