import type { LibraryHandle } from 'koffi';
import { koffi } from './koffi.ts';

/**
 * A shared library of the system, its own symbols first: Node has zstd and zlib inside and exports
 * their names, so that without this (RTLD_DEEPBIND, dlopen(3)) functions of the library call those
 * of Node's other version, with memory that is laid out otherwise.
 */
export function systemLibrary(name: string): LibraryHandle {
  return koffi().load(name, { deep: true });
}

/** What `load` makes of such a library; null where the system has none, or none that will do. */
export function orNull<T>(load: () => T): T | null {
  try {
    return load();
  } catch {
    return null;
  }
}
