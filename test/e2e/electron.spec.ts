import { _electron, expect, test } from '@playwright/test';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findElectron } from '../../main/app/electron-binary.ts';

const top = join(import.meta.dirname, '../..');
const electron = findElectron(top, process.env);

/** The desktop app itself: only where its program could be downloaded. */
test.describe('the app', () => {
  test.skip(electron.path === null, electron.path === null ? electron.reason : '');

  test('shows the page, sandboxed, and reaches the service', async () => {
    const state = mkdtempSync(join(tmpdir(), 'dendro-app-'));
    const isRoot = process.getuid?.() === 0;
    const app = await _electron.launch({
      executablePath: electron.path!,
      // Only this test gives the sandbox up, and only as root, where it cannot start.
      args: [...(isRoot ? ['--no-sandbox'] : []), top],
      env: { ...(process.env as Record<string, string>), DENDRO_STATE: state },
    });
    const page = await app.firstWindow();
    await expect(page.getByRole('heading', { name: 'Home' })).toBeVisible();
    expect(page.url()).toMatch(/^app:\/\/page\/index\.html#/);
    expect(await page.evaluate('typeof require')).toBe('undefined');
    expect(await page.evaluate('typeof process')).toBe('undefined');
    expect(await page.evaluate('Object.keys(window.dendro).sort().join()')).toBe(
      'choose,onMessage,send,unlock',
    );
    expect(await page.evaluate('window.open("https://example.org")')).toBeNull();
    await page.getByRole('link', { name: 'Settings' }).click();
    await expect(page.getByText('carrier electron')).toBeVisible();
    await app.close();
    rmSync(state, { recursive: true, force: true });
  });
});
