import { defineConfig } from '@playwright/test';
import { chromiumOptions } from './test/e2e/support/chromium.ts';

const STILL =
  /(looks|languages|page-size|on-demand|copy-out|archived-moments|keyboard|restore-layout|two-windows|new-day|sizes|forced-colors|dialogs)\.spec\.ts$/;

export default defineConfig({
  testDir: 'test/e2e',
  outputDir: 'test-results/e2e',
  timeout: 90_000,
  expect: { timeout: 15_000 },
  workers: 2,
  // Tests of the real service make loop devices, and ask all of the machine: one at a time. What
  // needs none goes on beside them, or two at a time when they are through.
  projects: [
    { name: 'disks', testIgnore: STILL, workers: 1 },
    // Pictures and layouts say what went wrong; a trace of 200,000 rows costs more than it tells.
    { name: 'still', testMatch: STILL, use: { trace: 'off' } },
  ],
  fullyParallel: false,
  forbidOnly: process.env['CI'] !== undefined,
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    launchOptions: chromiumOptions(),
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    trace: 'retain-on-failure',
  },
});
