import { ATTRIBUTE, ATTRIBUTE_HEADER_SIZE, COMMAND } from '../../engine/stream/protocol.ts';
import { COMMAND_HEADER_SIZE } from '../../engine/stream/protocol.ts';

/** They make something that is no folder. */
const MAKING: readonly number[] = [
  ...[COMMAND.mkfile, COMMAND.mknod, COMMAND.mkfifo, COMMAND.mksock, COMMAND.symlink],
];
/** They change what a file holds. */
const CHANGING: readonly number[] = [
  ...[COMMAND.write, COMMAND.clone, COMMAND.truncate, COMMAND.updateExtent],
  ...[COMMAND.fallocate, COMMAND.encodedWrite],
];

/**
 * Which files a stream has begun and not come to the end of: a sender goes from inode to inode,
 * and each ends with its times. Where the stream is cut, what is told here is not whole.
 */
export class HalfDone {
  /** By path, a character a byte: all names of the inode so far. */
  readonly #open = new Map<string, Set<string>>();

  /** @param bytes a whole command, as it stands in the stream. */
  command(bytes: Buffer): void {
    const command = bytes.readUInt16LE(4);
    const isOfPaths = command === COMMAND.rename || command === COMMAND.link;
    const isKnown = isOfPaths || command === COMMAND.utimes || command === COMMAND.unlink;
    if (!isKnown && !MAKING.includes(command) && !CHANGING.includes(command)) return;
    const path = attributeOf(bytes, ATTRIBUTE.path);
    if (path === undefined) return;
    if (command === COMMAND.utimes) this.#whole(path);
    else if (command === COMMAND.unlink) this.#removed(path);
    else if (command === COMMAND.rename) {
      this.#renamed(path, attributeOf(bytes, ATTRIBUTE.pathTo) ?? path);
    } else if (command === COMMAND.link) {
      this.#linked(path, attributeOf(bytes, ATTRIBUTE.pathLink) ?? path);
    } else if (!this.#open.has(path)) this.#open.set(path, new Set([path]));
  }

  get paths(): string[] {
    return [...this.#open.keys()];
  }

  #whole(path: string): void {
    for (const name of this.#open.get(path) ?? []) this.#open.delete(name);
  }

  #removed(path: string): void {
    this.#open.get(path)?.delete(path);
    this.#open.delete(path);
  }

  #linked(path: string, existing: string): void {
    const names = this.#open.get(existing);
    if (names === undefined) return;
    names.add(path);
    this.#open.set(path, names);
  }

  /** Also of a folder, with what is below it. */
  #renamed(from: string, to: string): void {
    for (const path of [...this.#open.keys()]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      const names = this.#open.get(path)!;
      const moved = to + path.slice(from.length);
      this.#open.delete(path);
      names.delete(path);
      names.add(moved);
      this.#open.set(moved, names);
    }
  }
}

/** An attribute that stands before the data, a character a byte. */
export function attributeOf(command: Buffer, wanted: number): string | undefined {
  const found = attributeRange(command, wanted);
  return found && command.toString('latin1', found[0], found[1]);
}

export function attributeRange(command: Buffer, wanted: number): [number, number] | undefined {
  for (let at = COMMAND_HEADER_SIZE; at + ATTRIBUTE_HEADER_SIZE <= command.length;) {
    const type = command.readUInt16LE(at);
    // The data of version 2 says no length, and is the last one.
    if (type === ATTRIBUTE.data) return undefined;
    const start = at + ATTRIBUTE_HEADER_SIZE;
    const end = start + command.readUInt16LE(at + 2);
    if (end > command.length) return undefined;
    if (type === wanted) return [start, end];
    at = end;
  }
  return undefined;
}
