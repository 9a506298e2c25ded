/**
 * `npm run build`, after the page: bundles main/ and shared/ into out/, for the desktop app and
 * for the packages and for what `npm ci` leaves to run: few files to read at the start, no types to
 * strip. Where a source is newer the launcher runs the sources.
 */
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, type InlineConfig } from 'vite';
import { lazyBuiltins } from './lazy-builtins.ts';
import { moduleAddresses } from './module-addresses.ts';
import { NATIVE } from './native.ts';

const top = join(import.meta.dirname, '../..');
const out = join(top, 'out');

/** What is started by its file: the command line, its threads, the app. */
const ENTRIES = [
  'main/cli/dendro',
  'main/engine/worker',
  'main/cli/stream-threads/output-worker',
  'main/cli/stream-threads/input-worker',
  'main/archive/write/index-worker',
  'main/archive/write/pack-worker',
  'main/catalogue/worker',
  'main/app/app',
];
/**
 * What is loaded together lies in one file, with all that it imports: each file costs a start about
 * a millisecond. The first that takes a module has it. Not `dendro.ts` itself: it waits for the
 * command, and what the command imports must not wait for it.
 */
const TOGETHER = [
  {
    name: 'core',
    test: /main\/(cli\/(commands|options|print|exit-codes|argument-bytes|output)|engine\/damage-log|linux\/libc-error)\.ts$/,
  },
  { name: 'read', test: /main\/cli\/place-subvolume\.ts$/ },
  { name: 'send', test: /main\/cli\/send\.ts$/ },
  { name: 'receive', test: /main\/cli\/receive\.ts$/ },
];

/** Read at run time, from where the module that reads them would lie. */
const ASSETS = ['main/**/migrations/*.sql', 'main/app/*.png', 'main/update/channel.json'];

// Made aside and put in place at once: what runs meanwhile finds the old or the new, never half.
mkdirSync(out, { recursive: true });
const made = mkdtempSync(join(out, 'build-'));
try {
  await build(mainConfig());
  for (const path of ASSETS.flatMap((pattern) => globSync(pattern, { cwd: top }))) {
    mkdirSync(dirname(join(made, path)), { recursive: true });
    cpSync(join(top, path), join(made, path));
  }
  // The last of all: `npm start` takes its time for that of the whole.
  await build(preloadConfig());
  if (existsSync(join(out, 'main'))) renameSync(join(out, 'main'), join(made, 'old'));
  renameSync(join(made, 'main'), join(out, 'main'));
} finally {
  rmSync(made, { recursive: true, force: true });
}

function mainConfig(): InlineConfig {
  return {
    configFile: false,
    root: top,
    logLevel: 'warn',
    plugins: [lazyBuiltins(top), moduleAddresses(top)],
    ssr: { noExternal: true, external: ['electron', ...NATIVE] },
    build: {
      ssr: true,
      target: 'node24',
      outDir: made,
      emptyOutDir: false,
      copyPublicDir: false,
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(ENTRIES.map((name) => [name, join(top, `${name}.ts`)])),
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          chunkFileNames: 'main/chunks/[name]-[hash].js',
          codeSplitting: { groups: TOGETHER },
        },
      },
    },
  };
}

/** A sandboxed preload is one CommonJS file. */
function preloadConfig(): InlineConfig {
  return {
    configFile: false,
    root: top,
    logLevel: 'warn',
    build: {
      lib: {
        entry: join(top, 'main/app/preload.ts'),
        formats: ['cjs'],
        fileName: () => 'preload.cjs',
      },
      outDir: join(made, 'main/app'),
      emptyOutDir: false,
      copyPublicDir: false,
      minify: false,
      rolldownOptions: { external: ['electron'] },
    },
  };
}
