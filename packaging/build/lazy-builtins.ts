import { relative, sep } from 'node:path';
import type { Plugin } from 'vite';

/** Dear to load (some 40 ms together), and most commands never call them. */
const LAZY = new Set(['node:crypto', 'node:tty', 'node:zlib', 'node:worker_threads']);
/** A worker reads values of node:worker_threads (`parentPort`), which cannot wait. */
const WORKERS = /worker\.ts$/;
const PREFIX = '\0dendro-lazy:';

/** Loads some of Node's modules with the first use of what our modules import from them. */
export function lazyBuiltins(top: string): Plugin {
  const isOurs = (importer: string): boolean =>
    /^(main|shared)\//.test(relative(top, importer).split(sep).join('/'));
  return {
    name: 'dendro:lazy-builtins',
    enforce: 'pre',
    resolveId(id, importer) {
      const isLazy =
        LAZY.has(id) && importer !== undefined && isOurs(importer) && !WORKERS.test(importer);
      return isLazy ? PREFIX + id : null;
    },
    load(id) {
      return id.startsWith(PREFIX) ? stubs(id.slice(PREFIX.length)) : null;
    },
  };
}

/** A module with every export of another, each of which loads it when it is used. */
function stubs(name: string): string {
  const real = process.getBuiltinModule(name) as unknown as Record<string, unknown>;
  const lines = Object.entries(real)
    .filter(([key]) => /^[A-Za-z_]\w*$/.test(key))
    .map(([key, value]) => stub(key, value))
    .filter((line) => line !== undefined);
  return [
    `const real = () => process.getBuiltinModule(${JSON.stringify(name)});`,
    'const late = (target, name) => new Proxy(target, {',
    '  get: (_target, key) => Reflect.get(real()[name], key),',
    '  apply: (_target, self, args) => Reflect.apply(real()[name], self, args),',
    '  construct: (_target, args) => Reflect.construct(real()[name], args),',
    '});',
    ...lines,
  ].join('\n');
}

function stub(name: string, value: unknown): string | undefined {
  if (typeof value === 'function') {
    // Only what is called, never made, is a plain function: a proxy's call is dearer.
    return /^[A-Z]/.test(name)
      ? `export const ${name} = /*#__PURE__*/ late(function () {}, '${name}');`
      : `export const ${name} = (...args) => real().${name}(...args);`;
  }
  // A value as it is now could be another later; objects alone are looked into when asked.
  const isObject = typeof value === 'object' && value !== null;
  return isObject ? `export const ${name} = /*#__PURE__*/ late({}, '${name}');` : undefined;
}
