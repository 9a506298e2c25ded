/**
 * `npm run icons`: renderer/public/icon.svg in the sizes that icon themes ask for, drawn by the
 * system's Chromium, into packaging/icons; and the window's own. After the drawing was changed.
 */
import { chromium } from '@playwright/test';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const SIZES = [16, 24, 32, 48, 64, 128, 256, 512];
const top = join(import.meta.dirname, '../..');
const svg = readFileSync(join(top, 'renderer/public/icon.svg'), 'utf8');
const target = join(top, 'packaging/icons');

const browser = await chromium.launch({
  executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
  args: ['--headless', ...(process.getuid?.() === 0 ? ['--no-sandbox'] : [])],
});
try {
  mkdirSync(target, { recursive: true });
  for (const size of SIZES) {
    const page = await browser.newPage({ viewport: { width: size, height: size } });
    const style = 'html,body{margin:0;background:transparent}svg{display:block;width:100vw}';
    await page.setContent(`<style>${style}</style>${svg}`);
    const picture = await page.screenshot({ omitBackground: true });
    writeFileSync(join(target, `${size}x${size}.png`), picture);
    if (size === 512) writeFileSync(join(top, 'main/app/icon.png'), picture);
    await page.close();
  }
} finally {
  await browser.close();
}
