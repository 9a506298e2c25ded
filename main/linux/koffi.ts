import { createRequire } from 'node:module';
import type Koffi from 'koffi';
import type { LibraryHandle } from 'koffi';

/** A function of a library, declared. */
export type NativeFunction = ReturnType<LibraryHandle['func']>;

let loaded: typeof Koffi | undefined;

/** The calls into the system's libraries, loaded with the first of them: short commands do without. */
export function koffi(): typeof Koffi {
  return (loaded ??= createRequire(import.meta.url)('koffi') as typeof Koffi);
}
