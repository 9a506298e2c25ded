import { expect, test, vi } from 'vitest';
import { systemZstd } from '../../main/linux/system-unpackers.ts';

// The system's library, in which only the making of a context fails, as it does without memory.
vi.mock(import('../../main/linux/system-library.ts'), async (importOriginal) => {
  const { systemLibrary } = await importOriginal();
  return {
    systemLibrary: (name) => {
      const library = systemLibrary(name);
      const func = (declaration: string): unknown =>
        declaration.includes('ZSTD_createDCtx') ? () => null : library.func(declaration);
      return { func } as never;
    },
  };
});

// The null context went into the library, which ends the program.
test('where libzstd gets no memory for its context, Node unpacks', () => {
  expect(systemZstd()).toBeNull();
});
