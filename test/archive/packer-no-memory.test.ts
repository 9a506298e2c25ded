import { zstdDecompressSync } from 'node:zlib';
import { expect, test, vi } from 'vitest';
import { FramePacker } from '../../main/archive/write/frame-packer.ts';
import { Random } from '../harness/random.ts';

vi.mock(import('../../main/linux/system-library.ts'), async (importOriginal) => {
  const { libraryWithout } = await import('../harness/library-without.ts');
  return libraryWithout('ZSTD_createCCtx', await importOriginal());
});

// The null context went into the library, which ended the program.
test('where libzstd gets no memory for its context, Node packs', async () => {
  const plain = new Random(9).text(1 << 20);
  const packer = new FramePacker(3);
  expect(zstdDecompressSync(await packer.pack(plain)).equals(plain)).toBe(true);
  packer.close();
});
