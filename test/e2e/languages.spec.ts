import { expect, test, type Page } from '@playwright/test';
import { defaultSettings } from '../../shared/model/service.ts';
import { servePage, type PageServer } from './support/page-server.ts';
import { BLUE, failed, goodOrder, NOW, running } from './support/scenes.ts';
import { standIn, type Answers } from './support/stand-in.ts';

let server: PageServer;
test.beforeAll(async () => {
  server = await servePage();
});
test.afterAll(() => server.close());

/** Every page, and what opens on it: by marks that no language changes. */
const states: readonly { readonly path: string; readonly open?: string }[] = [
  { path: '/' },
  { path: '/restore' },
  { path: '/plans' },
  { path: '/plans/s-2' },
  { path: `/drives/${BLUE}` },
  { path: '/drives/device%3A%2Fdev%2Fsdd' },
  { path: '/streams' },
  { path: '/rescue' },
  { path: '/activity' },
  { path: '/activity/run-2' },
  { path: '/settings' },
];

/** The page starts in English: a sentence that was taken too early stays English and is found. */
test('every sentence of every page comes from the catalogue, and none is cut off', async ({
  page,
}) => {
  test.setTimeout(180_000);
  await page.clock.setFixedTime(NOW);
  let language = 'en';
  const answers: Answers = {
    ...goodOrder,
    'settings.get': () => ({ ...defaultSettings, language }),
    'runs.list': () => ({ runs: [running, failed], total: 2 }),
  };
  const service = await standIn(page, answers);
  await page.goto(`${server.address}#/`);
  await expect(page.getByRole('heading', { name: 'Home', level: 1 })).toBeVisible();
  for (const { path } of states) {
    await page.evaluate(`location.hash = ${JSON.stringify(path)}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  language = 'en-XA';
  service.tell('settings.changed', {});
  await expect(page.locator('html')).toHaveAttribute('lang', 'en-XA');
  const found: string[] = [];
  for (const { path } of states) {
    await page.evaluate(`location.hash = ${JSON.stringify(path)}`);
    await expect(page.getByRole('heading', { level: 1 })).toContainText('⟦');
    await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
    await service.allDrawn();
    for (const size of [
      { width: 1024, height: 700 },
      { width: 1280, height: 800 },
    ]) {
      await page.setViewportSize(size);
      found.push(...(await faults(page)).map((fault) => `${path} ${size.width}: ${fault}`));
    }
  }
  expect([...new Set(found)]).toEqual([]);
});

test('German: the desktop’s language at once, another one in Settings, dates and numbers its own', async ({
  browser,
}) => {
  const context = await browser.newContext({ locale: 'de-AT' });
  const page = await context.newPage();
  await page.clock.setFixedTime(NOW);
  let language = 'system';
  await standIn(page, {
    ...goodOrder,
    'settings.get': () => ({ ...defaultSettings, language }),
    'settings.set': (change) => {
      language = change.language ?? language;
      return { ...defaultSettings, language };
    },
  });
  await page.goto(`${server.address}#/`);
  await expect(page.getByRole('heading', { name: 'Übersicht' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'de');
  await expect(page.getByText('Home ist gesichert, Stand heute 14:05').first()).toBeVisible();
  await page.getByRole('link', { name: 'Laufwerke' }).click();
  await expect(page.getByText('1,3 TB von 2,0 TB frei').first()).toBeVisible();
  await page.getByRole('link', { name: 'Einstellungen' }).click();
  await page.screenshot({ path: 'test-results/looks/settings-german.png' });
  await page.getByRole('combobox', { name: 'Sprache' }).click();
  await page.getByRole('option', { name: 'English' }).click();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Settings' })).toBeVisible();
  await context.close();
});

/** Sentences without the marks of the pseudo language, and words that are cut off. */
async function faults(page: Page): Promise<string[]> {
  return page.evaluate(FAULTS) as Promise<string[]>;
}

/**
 * Runs in the page. Not from the catalogue may be: names and paths of the person (bdi, code, time,
 * [lang=en]), figures, what stands between the marks, and names that scenes fill in.
 */
const FAULTS = `(() => {
  const DATA = 'bdi, code, time, kbd, .figure, [lang=en], [translate=no], svg, textarea, option, title, script, style, [aria-label="autosize measurement"]';
  const UNITS = /^(B|kB|MB|GB|TB|PB|s|min|h|%)$/;
  const isWord = (word) => /\\p{L}{2,}/u.test(word) && !UNITS.test(word);
  const bare = (text) => {
    let depth = 0, rest = '';
    for (const letter of text) {
      if (letter === '⟦') depth++;
      else if (letter === '⟧') depth--;
      else if (depth === 0) rest += letter;
    }
    return rest;
  };
  const faults = [];
  const isShown = (element) => element.checkVisibility() && !element.closest('.visually-hidden');
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const known = new Set(KNOWN);
  const data = new Set([...document.querySelectorAll('bdi, code')].map((e) => e.textContent));
  for (let node; (node = walker.nextNode()); ) {
    const element = node.parentElement;
    if (!element || !isShown(element) || element.closest(DATA)) continue;
    const rest = bare(node.textContent).replace(/\\/[\\w./-]+/g, '').trim();
    if (rest.split(/[^\\p{L}\\p{N}.]+/u).some((word) => isWord(word) && !known.has(word))) faults.push('no catalogue: ' + rest);
  }
  for (const name of ['aria-label', 'placeholder', 'title', 'aria-valuetext', 'alt'])
    for (const element of document.body.querySelectorAll('[' + name + ']')) {
      if (!isShown(element) || element.closest(DATA)) continue;
      const value = element.getAttribute(name);
      // The whole of a name that was cut short, or one that stands elsewhere as data.
      if (data.has(value) || (name === 'title' && (element.querySelector('bdi') || element.textContent.trim() === value))) continue;
      const rest = bare(value).trim();
      if (rest.split(/[^\\p{L}\\p{N}.]+/u).some((word) => isWord(word) && !known.has(word))) faults.push('no catalogue, ' + name + ': ' + rest);
    }
  for (const element of document.body.querySelectorAll('*')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.includes('⟦'));
    if (!own || !isShown(element) || element.closest(DATA)) continue;
    for (let box = element; box && box !== document.body; box = box.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(box);
      const isCut = (overflowX === 'hidden' || overflowX === 'clip') && box.scrollWidth > box.clientWidth + 1;
      // A name of the person that is long ends in an ellipsis, and its title has all of it.
      const isName = getComputedStyle(box).textOverflow === 'ellipsis' && bare(element.textContent).trim() !== '';
      if (isCut && !isName) { faults.push('cut off: ' + element.textContent.slice(0, 60) + ' in .' + box.className); break; }
      if (/auto|scroll/.test(overflowX + overflowY)) break;
    }
    const edge = element.getBoundingClientRect();
    if (edge.right > innerWidth + 1) faults.push('beyond the edge: ' + element.textContent.slice(0, 60));
  }
  return faults;
})()`.replace(
  'KNOWN',
  JSON.stringify(
    // Names out of the scenes, where they stand outside of a sentence.
    'Home System Photos Laptop Blue Green Drive STICK Safe to twice day and when drive comes every hour night by the administrator dendro Downloads cache iso png birch nas English Deutsch Everything btrfs'.split(
      ' ',
    ),
  ),
);
