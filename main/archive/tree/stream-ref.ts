/** Bytes of a plain send stream, at any place. */
export interface PlainReader {
  readonly size: number;
  /** `length` bytes from `at` on; borrowed until the next read. @throws Corrupt, Io */
  read(at: number, length: number): Buffer;
  /** The first of these, at least one: as many as stand together in memory, where they are not put together first. */
  readSome(at: number, length: number): Buffer;
}

/** The stream that data stands in; it is opened when somebody reads. */
export interface StreamRef {
  /** For people: the file in the archive's folder. */
  readonly name: string;
  readonly plain: PlainReader;
}
