import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';

/** A subvolume of a fixture as the kernel showed it: aspects as text, by escaped path. */
export type ExpectedTree = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface Fixture {
  readonly name: string;
  /** Unpacked image files, one a device. */
  readonly images: readonly string[];
  /** By the subvolume's path from the top level. */
  readonly expected: Readonly<Record<string, ExpectedTree>>;
  close(): void;
}

const folder = import.meta.dirname;

export function fixtureNames(): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json.zst'))
    .map((name) => name.slice(0, -'.json.zst'.length))
    .sort();
}

/** Unpacks a fixture into a temporary folder, with holes where the image has only zeros. */
export function openFixture(name: string): Fixture {
  const target = mkdtempSync(join(tmpdir(), `dendro-test-${process.pid}-`));
  const packed = readdirSync(folder)
    .filter((file) => file.startsWith(`${name}.disk`))
    .sort();
  const images = packed.map((file) => {
    const image = join(target, file.slice(0, -'.zst'.length));
    unpackSparse(join(folder, file), image);
    return image;
  });
  const manifest = zstdDecompressSync(readFileSync(join(folder, `${name}.json.zst`)));
  return {
    name,
    images,
    expected: JSON.parse(manifest.toString('utf8')) as Fixture['expected'],
    close: () => rmSync(target, { recursive: true, force: true }),
  };
}

/** Writes the image that a `.zst` file holds; a run of zeros becomes a hole. */
export function unpackSparse(packed: string, image: string): void {
  const content = zstdDecompressSync(readFileSync(packed), { maxOutputLength: 2 ** 31 });
  const block = 1 << 16;
  const zeros = Buffer.alloc(block);
  const fd = openSync(image, 'wx');
  try {
    ftruncateSync(fd, content.length);
    for (let at = 0; at < content.length; at += block) {
      const part = content.subarray(at, at + block);
      if (!part.equals(zeros.subarray(0, part.length))) writeSync(fd, part, 0, part.length, at);
    }
  } finally {
    closeSync(fd);
  }
}
