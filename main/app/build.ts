/**
 * Transpiles main/ and shared/ into out/, for Electron and for the packaged app, which do not
 * run TypeScript; in development everything runs from the sources. Other files (migrations)
 * are copied, the preload is bundled: a sandboxed preload is one CommonJS file.
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import ts from 'typescript';
import { build } from 'vite';

const top = join(import.meta.dirname, '../..');
const out = join(top, 'out');

for (const folder of ['main', 'shared']) {
  rmSync(join(out, folder), { recursive: true, force: true });
  for (const path of filesBelow(join(top, folder))) carryOver(path);
}
await bundlePreload();

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function carryOver(path: string): void {
  const target = join(out, path.slice(top.length));
  mkdirSync(dirname(target), { recursive: true });
  if (extname(path) !== '.ts') return cpSync(path, target);
  const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), {
    fileName: path,
    compilerOptions: {
      target: ts.ScriptTarget.ES2024,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
      rewriteRelativeImportExtensions: true,
    },
  });
  writeFileSync(target.replace(/\.ts$/, '.js'), outputText);
}

async function bundlePreload(): Promise<void> {
  await build({
    configFile: false,
    logLevel: 'warn',
    build: {
      lib: {
        entry: join(top, 'main/app/preload.ts'),
        formats: ['cjs'],
        fileName: () => 'preload.cjs',
      },
      outDir: join(out, 'main/app'),
      emptyOutDir: false,
      minify: false,
      rolldownOptions: { external: ['electron'] },
    },
  });
}
