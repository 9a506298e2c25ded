import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { themeVariables } from './theme/variables-plugin.ts';

// What is built is what people run, whoever builds it: vitest's NODE_ENV would put in a React that
// is made for developing.
process.env['NODE_ENV'] = 'production';

export default defineConfig({
  root: import.meta.dirname,
  // Relative, so that the same build works from a web server and from the app's own scheme.
  base: './',
  plugins: [react(), themeVariables()],
  build: {
    outDir: '../out/renderer',
    emptyOutDir: true,
    // Inlined assets would be data: URLs, which the content security policy refuses for fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
    target: 'chrome130',
  },
  worker: { format: 'es' },
});
