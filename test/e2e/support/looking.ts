import { expect, test as base, type Page } from '@playwright/test';
import { copyFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { lookDifferences, readLook, recordLook, type Look } from './geometry.ts';
import { servePage, type PageServer } from './page-server.ts';
import { NOW } from './scenes.ts';

export const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
] as const;

export const isRecording = process.env['DENDRO_RECORD_LOOKS'] !== undefined;

/** Looks that the README shows: they are taken anew whenever looks are recorded. */
const IN_README: Readonly<Record<string, string>> = {
  'home-busy-1280-light': 'docs/images/home.png',
  'restore-1280-light': 'docs/images/restore.png',
  'plans-1280-light': 'docs/images/plans.png',
};

interface Shared {
  readonly server: PageServer;
  readonly window: Page;
}

/**
 * One window for all looks of a worker: the page's code is fetched and compiled once. Each look
 * loads the page anew; after a failed one the runner begins with another worker.
 */
export const test = base.extend<object, Shared>({
  server: [
    async ({}, use) => {
      const server = await servePage();
      await use(server);
      await server.close();
    },
    { scope: 'worker' },
  ],
  window: [
    async ({ browser }, use) => {
      // Nothing moves, and a page of thousands of elements has stood still with it once.
      const motion = { reducedMotion: 'reduce' } as const;
      const context = await browser.newContext({ ...motion, viewport: sizes[0], locale: 'en-GB' });
      // What a look before it kept there is none of this one's.
      await context.addInitScript('localStorage.clear()');
      const page = await context.newPage();
      await page.clock.setFixedTime(NOW);
      await use(page);
      await context.close();
    },
    { scope: 'worker' },
  ],
});

/** The layout beside what was recorded of it; a picture to look at when it is another, or new. */
export async function expectLook(page: Page, name: string): Promise<void> {
  // Where the last click left it, it may or may not have been seen to lie over something.
  await page.mouse.move(1, 1);
  const picture = { path: `test-results/looks/${name}.png` };
  if (isRecording) {
    recordLook(name, await settled(page));
    await page.screenshot(picture);
    const shown = IN_README[name];
    if (shown !== undefined) copyFileSync(picture.path, shown);
    return;
  }
  try {
    // What is asked for late is drawn late.
    await expect
      .poll(async () => lookDifferences(name, await readLook(page)), {
        timeout: 20_000,
        intervals: [50, 100, 200, 400],
      })
      .toEqual([]);
  } catch (error) {
    await page.screenshot(picture);
    throw error;
  }
}

/** How it looks once nothing has changed for longer than any motion of the page. */
async function settled(page: Page): Promise<Look> {
  let before = await readLook(page);
  for (;;) {
    await page.waitForTimeout(400);
    const now = await readLook(page);
    if (isDeepStrictEqual(now, before)) return now;
    before = now;
  }
}

/** axe is put in once a page, from a file that the browser keeps compiled. */
export async function expectAccessible(page: Page, contrastOnly: boolean): Promise<void> {
  const isThere = await page.evaluate<boolean>(`'axe' in window`);
  if (!isThere) await page.addScriptTag({ url: '/axe.js' });
  expect(await page.evaluate<string[]>(`(${VIOLATIONS})(${contrastOnly})`)).toEqual([]);
}

/**
 * Without selectors, and without the lists of all that is right: they take half of its time. Words
 * in the very colour of what is behind them are to axe a thing it cannot judge, and are no less
 * unreadable.
 */
const VIOLATIONS = `async (contrastOnly) => {
  const { violations, incomplete } = await axe.run(document, {
    resultTypes: ['violations', 'incomplete'],
    selectors: false,
    iframes: false,
    ...(contrastOnly && { runOnly: ['color-contrast'] }),
  });
  const unseen = incomplete
    .filter(({ id }) => id === 'color-contrast')
    .map(({ nodes }) => ({
      id: 'unseen',
      nodes: nodes.filter(({ any }) => any.some(({ data }) => data?.messageKey === 'equalRatio')),
    }))
    .filter(({ nodes }) => nodes.length > 0);
  return [...violations, ...unseen].map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join(' '));
}`;
