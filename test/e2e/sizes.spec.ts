import { expect } from '@playwright/test';
import { defaultSettings } from '../../shared/model/service.ts';
import { readFaults } from './support/fits.ts';
import { expectAccessible, test } from './support/looking.ts';
import { extremes, refused, silent } from './support/scene-extremes.ts';
import { BLUE } from './support/scenes.ts';
import { gettingBack, STREAM_ADDRESS } from './support/scenes-getting-back.ts';
import { standIn, type Answers } from './support/stand-in.ts';

/** The last ones are windows of 1280x800 at 200 % and at 320 %. */
const SIZES = [
  { width: 1024, height: 700 },
  { width: 3840, height: 2160 },
  { width: 800, height: 600 },
  { width: 640, height: 400 },
  { width: 400, height: 700 },
] as const;

const PAGES = [
  ...['/', '/restore', '/restore/find', '/plans', '/plans/s-1', '/plans/s-2', '/drives'],
  ...[`/drives/${BLUE}`, '/drives/drive-1'],
  ...['/activity', '/activity/run-2', '/streams', STREAM_ADDRESS, '/rescue', '/settings'],
];

const german = { 'settings.get': () => ({ ...defaultSettings, language: 'de' }) };

const scenes: readonly { name: string; answers: Answers; waits?: true }[] = [
  { name: 'English', answers: gettingBack },
  { name: 'German', answers: { ...gettingBack, ...german } },
  { name: 'long names, and many', answers: extremes },
  { name: 'all that is asked fails', answers: refused },
  { name: 'nothing has come yet', answers: silent, waits: true },
];

const FRAME = 'new Promise((done) => setTimeout(() => requestAnimationFrame(done), 60))';

test.describe.configure({ mode: 'parallel' });

for (const { name, answers, waits } of scenes)
  test(`every page from 400x700 to 3840x2160: ${name}`, async ({ window: page, server }) => {
    await standIn(page, answers);
    await page.goto(`${server.address}&sizes=${encodeURIComponent(name)}#/`);
    const found: string[] = [];
    for (const path of PAGES) {
      await page.evaluate(`location.hash = ${JSON.stringify(path)}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      if (!waits) await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
      for (const size of SIZES) {
        await page.setViewportSize(size);
        // What measures itself is drawn anew a frame later.
        let faults = await readFaults(page);
        for (let i = 0; i < 8 && faults.length > 0; i++) {
          await page.evaluate(FRAME);
          faults = await readFaults(page);
        }
        found.push(...faults.map((fault) => `${path} ${size.width}: ${fault}`));
        const picture = `sizes-${name}-${path.replaceAll('/', '_')}-${size.width}.png`;
        if (faults.length > 0) await page.screenshot({ path: `test-results/looks/${picture}` });
      }
      if (answers === refused || answers === silent) await expectAccessible(page, false);
    }
    expect(found).toEqual([]);
  });
