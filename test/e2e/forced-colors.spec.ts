import { expect, type Page } from '@playwright/test';
import { test } from './support/looking.ts';
import { BLUE, goodOrder, running } from './support/scenes.ts';
import { gettingBack, STREAM_ADDRESS } from './support/scenes-getting-back.ts';
import { standIn } from './support/stand-in.ts';

/**
 * Where the system gives the colours, backgrounds are gone: what is on, chosen or part done was not
 * told from what is not, and a switch was not there at all.
 */
const CHOSEN = [
  { path: '/', at: 'nav a[aria-current=page]', not: 'nav a:not([aria-current])' },
  { path: '/restore', at: '.mantine-SegmentedControl-label[data-active]' },
  { path: '/restore', at: '[role=row][aria-selected=true]', not: '[role=row][aria-rowindex="4"]' },
  { path: '/plans/s-2', at: '.mantine-Checkbox-input:checked' },
  { path: '/plans/s-2', at: '.mantine-Switch-input:checked + .mantine-Switch-track' },
  { path: `/drives/${BLUE}`, at: 'li > button[aria-current=true]' },
  { path: `/drives/${BLUE}`, at: '.meter > span' },
  { path: '/activity/run-2', at: '.meter > span' },
  { path: '/', at: '.mantine-Progress-section' },
];

const BORDERED = [
  { path: '/plans/s-2', at: '.mantine-Switch-track' },
  {
    path: '/activity/run-2',
    at: '[role=complementary] [data-tone=failed], aside [data-tone=failed]',
  },
  { path: STREAM_ADDRESS, at: '.mantine-SegmentedControl-root' },
];

async function open(page: Page, address: string, path: string): Promise<void> {
  await standIn(page, {
    ...goodOrder,
    ...gettingBack,
    'runs.list': () => ({ runs: [running], total: 1 }),
  });
  await page.goto(`${address}&forced=${encodeURIComponent(path)}#${path}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
}

test.describe.configure({ mode: 'parallel' });

for (const colorScheme of ['light', 'dark'] as const)
  test(`forced colours, ${colorScheme}: what is chosen, on or done is seen`, async ({
    window: page,
    server,
  }) => {
    await page.setViewportSize({ width: 1280, height: 800 });
    await page.emulateMedia({ forcedColors: 'active', colorScheme });
    for (const { path, at, not } of CHOSEN) {
      await open(page, server.address, path);
      if (path === '/restore') await page.getByText('packing list.txt').click();
      const { ground, ink } = await coloursOf(page, at);
      const plain = (await coloursOf(page, 'body')).ground;
      expect.soft(ground, `${path} ${at}`).not.toBe(plain);
      expect.soft(ground, `${path} ${at}`).not.toBe('rgba(0, 0, 0, 0)');
      expect.soft(ink, `${path} ${at}`).not.toBe(ground);
      if (not !== undefined)
        expect.soft((await coloursOf(page, not)).ground, `${path} ${not}`).not.toBe(ground);
    }
    for (const { path, at } of BORDERED) {
      await open(page, server.address, path);
      const { style } = await coloursOf(page, at);
      expect.soft(style, `${path} ${at}`).toBe('solid');
    }
    await page.emulateMedia({ forcedColors: 'none' });
  });

interface Colours {
  readonly ground: string;
  readonly ink: string;
  /** Of its border. */
  readonly style: string;
}

async function coloursOf(page: Page, at: string): Promise<Colours> {
  await expect(page.locator(at).first()).toBeAttached();
  return page.evaluate(`(() => {
    const { backgroundColor, color, borderTopStyle } = getComputedStyle(document.querySelector(${JSON.stringify(at)}));
    return { ground: backgroundColor, ink: color, style: borderTopStyle };
  })()`);
}
