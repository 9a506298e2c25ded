import { expect, test, vi } from 'vitest';
import { systemZstd } from '../../main/linux/system-unpackers.ts';

vi.mock(import('../../main/linux/system-library.ts'), async (importOriginal) => {
  const { libraryWithout } = await import('../harness/library-without.ts');
  return libraryWithout('ZSTD_createDCtx', await importOriginal());
});

// The null context went into the library, which ends the program.
test('where libzstd gets no memory for its context, Node unpacks', () => {
  expect(systemZstd()).toBeNull();
});
