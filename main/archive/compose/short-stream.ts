import { ShortPaths } from '../../engine/sink/short-paths.ts';
import type { Bytes } from '../../engine/stream/command-sink.ts';
import type { ComposedSink } from './compose.ts';

/** A composed stream that any receiver takes, however long the paths of the tree are. */
export class ShortStream extends ShortPaths<ComposedSink> implements ComposedSink {
  unlink(path: Bytes): void {
    this.sink.unlink(this.short(path));
  }
  clone(
    path: Bytes,
    offset: number,
    length: number,
    sourceUuid: Bytes,
    sourceCtransid: number,
    sourcePath: Bytes,
    sourceOffset: number,
  ): void {
    const [to, from] = [this.short(path), this.short(sourcePath)];
    this.sink.clone(to, offset, length, sourceUuid, sourceCtransid, from, sourceOffset);
  }
  enableVerity(
    path: Bytes,
    algorithm: number,
    blockSize: number,
    salt: Bytes,
    signature: Bytes,
  ): void {
    this.sink.enableVerity(this.short(path), algorithm, blockSize, salt, signature);
  }
  rename(from: Bytes, to: Bytes): void {
    this.sink.rename(this.short(from), this.short(to));
  }
}
