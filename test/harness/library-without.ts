import type * as systemLibraries from '../../main/linux/system-library.ts';

type SystemLibrary = typeof systemLibraries;

/**
 * The system's libraries, in which only one function fails, with a null pointer, as those that make
 * a context do without memory. For `vi.mock`.
 */
export function libraryWithout(name: string, original: SystemLibrary): SystemLibrary {
  return {
    ...original,
    systemLibrary: (library) => {
      const whole = original.systemLibrary(library);
      const func = (declaration: string): unknown =>
        declaration.includes(name) ? () => null : whole.func(declaration);
      return { func } as never;
    },
  };
}
