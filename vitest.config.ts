import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/e2e/**', 'node_modules/**'],
    pool: 'forks',
    // Node strips types with a WebAssembly module. Where threads of one process do so at a time,
    // V8 can free a compiled wrapper of it twice and abort (UnregisterWasmAllocation); with this
    // no wrapper is compiled. `dendro` passes it too.
    execArgv: ['--wasm-wrapper-tiering-budget=1000000000'],
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
