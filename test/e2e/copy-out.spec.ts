import { expect, test, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { servePage, type PageServer } from './support/page-server.ts';
import { goodOrder, NOW } from './support/scenes.ts';
import { standIn, type Answers } from './support/stand-in.ts';

let server: PageServer;
test.beforeAll(async () => {
  server = await servePage();
});
test.afterAll(() => server.close());

async function openFile(page: Page, answers: Answers = goodOrder): Promise<void> {
  await page.clock.setFixedTime(NOW);
  await standIn(page, answers);
  await page.goto(`${server.address}#/restore`);
  await page.getByText('packing list.txt').click();
}

test('a copy is saved, or dragged out with what the browser writes where it is dropped', async ({
  page,
}) => {
  await openFile(page);
  const save = page.getByRole('button', { name: 'Save a copy' });
  const download = page.waitForEvent('download');
  await save.click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe('packing list.txt');
  expect(readFileSync(await saved.path(), 'utf8')).toContain('rain jacket');
  const offered = await page.evaluate<string>(`{
    const dataTransfer = new DataTransfer();
    const button = [...document.querySelectorAll('button')].find(({ textContent }) => textContent === 'Save a copy');
    button.dispatchEvent(new DragEvent('dragstart', { bubbles: true, dataTransfer }));
    dataTransfer.getData('DownloadURL');
  }`);
  expect(offered).toMatch(/^application\/octet-stream:packing list\.txt:blob:http/);
});

test('in the app the desktop takes the drag over, once the bytes are there', async ({ page }) => {
  await openFile(page);
  await expect(page.getByRole('button', { name: 'Save a copy' })).toBeVisible();
  // The page has its carrier; from here on it sees the app's bridge as well.
  await page.evaluate(`window.dendro = { drag: (file) => (window.dragged = file) }`);
  await page.getByText('accounts 2026.ods').click();
  const grip = page.getByText('Drag a copy out from here');
  await expect(grip).toBeVisible();
  await expect
    .poll(async () => {
      await grip.hover();
      await grip.dispatchEvent('dragstart');
      return page.evaluate('window.dragged && [dragged.name, dragged.bytes.length > 0]');
    })
    .toEqual(['accounts 2026.ods', true]);
});

test('a file that is too large says what to do instead', async ({ page }) => {
  await openFile(page, {
    ...goodOrder,
    'entry.get': async (input) => ({
      ...(await goodOrder['entry.get']!(input)),
      sizeBytes: 9_000_000_000,
    }),
  });
  await expect(page.getByText('restore it into another folder')).toBeVisible();
});
