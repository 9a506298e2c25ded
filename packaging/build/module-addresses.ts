import { posix, relative, sep } from 'node:path';
import type { Plugin } from 'vite';

const MARK = '__dendroModuleAddress';
const MARKED = new RegExp(`${MARK}\\("([^"]+)"\\)`, 'g');

/**
 * Keeps `import.meta.url` the address that a module would have if it were only transpiled:
 * modules find workers, migrations and the page beside themselves, in whatever chunk they end.
 * Chunks and assets then lie in `out` as the sources do at the top.
 */
export function moduleAddresses(top: string): Plugin {
  return {
    name: 'dendro:module-addresses',
    transform(code, id) {
      const path = relative(top, id).split(sep).join('/');
      if (!/^(main|shared)\/.*\.ts$/.test(path) || !code.includes('import.meta.url')) return null;
      const address = path.replace(/\.ts$/, '.js');
      return { code: code.replaceAll('import.meta.url', `${MARK}("${address}")`), map: null };
    },
    renderChunk(code, chunk) {
      if (!code.includes(MARK)) return null;
      const folder = posix.dirname(chunk.fileName);
      const addressed = code.replace(
        MARKED,
        (_all, path: string) =>
          `new URL(${JSON.stringify(posix.relative(folder, path))}, import.meta.url).href`,
      );
      return { code: addressed, map: null };
    },
  };
}
