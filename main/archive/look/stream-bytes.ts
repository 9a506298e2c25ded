import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { conflict, ioError } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';
import { bytesFromText, printable } from '../../../shared/model/bytes-text.ts';
import type { ByteSource } from '../../engine/stream/decode-source.ts';
import { openInput, packingOf, type OpenInput } from '../import/open-input.ts';
import { FrameReader, readTable } from '../read/frames.ts';
import { PartsSource } from '../read/parts.ts';

/** A stream in a file or in parts, readable from any place. */
export interface StreamBytes {
  readonly fileBytes: number;
  /** Changes with the file: what was learned of another state of it is worth nothing. */
  readonly stamp: string;
  /** The stream, unpacked, from this byte on; who opens it ends and closes it. */
  open(offset: number): OpenInput;
}

const SKIP_BYTES = 1 << 20;

/**
 * Plain files and Dendro's own packed ones are read where asked; others are unpacked from their
 * beginning. @throws Conflict 'not-found', 'not-a-file'; Unsupported 'input-encrypted'
 */
export function streamBytes(paths: readonly string[]): StreamBytes {
  const files = paths.map(fileName);
  const states = files.map(stateOf);
  const shared = {
    fileBytes: states.reduce((sum, { size }) => sum + size, 0),
    stamp: states.map(({ size, mtimeMs, ino }) => `${size} ${mtimeMs} ${ino}`).join(),
  };
  return {
    ...shared,
    open: (offset) => (offset === 0 ? openInput(files) : openAt(files, offset)),
  };
}

function openAt(files: readonly string[], offset: number): OpenInput {
  const source = new PartsSource(files);
  const table = readTable(source);
  if (table !== undefined) {
    const frames = new FrameReader(source, files[0]!);
    const close = (): void => frames.close();
    return { ...reading(frames, offset), end: () => Promise.resolve(), close };
  }
  source.close();
  if (files.length === 1 && packingOf(files[0]!) === 'none') return plainAt(files[0]!, offset);
  const input = openInput(files);
  try {
    skip(input, offset);
    return input;
  } catch (error) {
    input.close();
    throw error;
  }
}

function plainAt(file: string, offset: number): OpenInput {
  const fd = openSync(file, 'r');
  let at = offset;
  return {
    read(target, start, length) {
      try {
        const count = readSync(fd, target, start, length, at);
        at += count;
        return count;
      } catch (cause) {
        throw unreadable(file, cause);
      }
    },
    end: () => Promise.resolve(),
    close: () => closeSync(fd),
  };
}

function reading(frames: FrameReader, offset: number): ByteSource {
  let at = offset;
  return {
    read(target, start, length) {
      const part = frames.read(at, Math.min(length, SKIP_BYTES, frames.size - at));
      target.set(part, start);
      at += part.length;
      return part.length;
    },
  };
}

function skip(input: ByteSource, bytes: number): void {
  const room = Buffer.allocUnsafe(SKIP_BYTES);
  for (let left = bytes; left > 0;) {
    const count = input.read(room, 0, Math.min(left, room.length));
    if (count === 0) return;
    left -= count;
  }
}

/** @throws Conflict: names of other bytes than UTF-8 cannot be opened by their text */
function fileName(path: string): string {
  const text = Buffer.from(bytesFromText(path)).toString();
  if (text === path && path.startsWith('/')) return path;
  throw conflict('not-absolute', say`"${{ path: printable(path) }}" is not a full path in UTF-8.`, {
    hint: 'Name the file from the top: /media/me/Drive/home.btrfs.',
  });
}

function stateOf(file: string): { size: number; mtimeMs: number; ino: number } {
  const place = { path: printable(file) };
  let state: ReturnType<typeof statSync>;
  try {
    state = statSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== 'ENOENT' && code !== 'ENOTDIR') throw unreadable(file, cause);
    throw conflict('not-found', say`"${{ path: printable(file) }}" does not exist.`, { place });
  }
  // A FIFO would never answer, a device never end.
  if (state.isFile()) return state;
  throw conflict('not-a-file', say`"${{ path: printable(file) }}" is not a file.`, {
    hint: 'Choose a file that holds a stream of btrfs send, or the folder of an archive.',
    place,
  });
}

function unreadable(file: string, cause: unknown): Error {
  const code = (cause as NodeJS.ErrnoException).code ?? 'failed';
  return ioError(
    'stream-unreadable',
    say`Could not read "${{ path: printable(file) }}": ${{ code }}.`,
    {
      hint: 'Check the file and the drive that it is on.',
      place: { path: printable(file) },
      cause,
    },
  );
}
