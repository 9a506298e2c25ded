import { zstdDecompressSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { FramePacker } from '../../main/archive/write/frame-packer.ts';
import { Random } from '../harness/random.ts';

// The system's library, in which only the making of a context fails, as it does without memory.
vi.mock(import('../../main/linux/system-library.ts'), async (importOriginal) => {
  const { systemLibrary } = await importOriginal();
  return {
    systemLibrary: (name) => {
      const library = systemLibrary(name);
      const func = (declaration: string): unknown =>
        declaration.includes('ZSTD_createCCtx') ? () => null : library.func(declaration);
      return { func } as never;
    },
  };
});

// The null context went into the library, which ended the program.
test('where libzstd gets no memory for its context, Node packs', async () => {
  const plain = new Random(9).text(1 << 20);
  const packer = new FramePacker(3);
  expect(zstdDecompressSync(await packer.pack(plain)).equals(plain)).toBe(true);
  packer.close();
});
