/** SHA-256 of a file's content, by the path at the end of the stream, a character a byte. */
export interface FileHash {
  readonly path: string;
  readonly sha256: Uint8Array;
}
