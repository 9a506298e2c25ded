import { expect, type Page } from '@playwright/test';
import { defaultSettings } from '../../shared/model/service.ts';
import { texts as de } from '../../shared/text/de/index.ts';
import { texts as en } from '../../shared/text/en/index.ts';
import { readFaults } from './support/fits.ts';
import { expectAccessible, test } from './support/looking.ts';
import { renamed } from './support/renamed.ts';
import { AWAY, BLUE, goodOrder } from './support/scenes.ts';
import { ARCHIVE_ADDRESS, gettingBack, STREAM_ADDRESS } from './support/scenes-getting-back.ts';
import { standIn, type Answers } from './support/stand-in.ts';

/** The last two are a window of 1280x800 at 200 % and at 400 %. */
const SIZES = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
  { width: 640, height: 400 },
  { width: 320, height: 512 },
] as const;

type Words = typeof en;

interface DialogLook {
  readonly name: string;
  readonly path: string;
  readonly answers?: Answers;
  readonly open: (page: Page, words: Words) => Promise<void>;
}

const button = (pick: (words: Words) => string) => async (page: Page, words: Words) => {
  await page
    .getByRole('button', { name: pick(words), exact: true })
    .first()
    .click();
};

const DRIVE = `/drives/${BLUE}`;
const dialogs: readonly DialogLook[] = [
  { name: 'rename', path: DRIVE, open: button(({ drive }) => drive.rename) },
  { name: 'forget', path: DRIVE, open: button(({ drive }) => drive.forget) },
  { name: 'unlock', path: '/drives/luks%3A5f0c', open: button(({ drive }) => drive.unlock) },
  { name: 'release', path: `/drives/${AWAY}`, open: button(({ drive }) => drive.pinRelease) },
  { name: 'add', path: '/drives', open: button(({ drives }) => drives.add) },
  { name: 'snapshot', path: '/drives', open: inSubvolumes(({ drives }) => drives.createSnapshot) },
  { name: 'delete', path: '/drives', open: inSubvolumes(({ drives }) => drives.deleteSnapshot) },
  { name: 'plan', path: '/plans/s-2', open: button(({ planEditor }) => planEditor.delete) },
  { name: 'import', path: '/plans', open: button(({ planImport }) => planImport.open) },
  { name: 'backup', path: '/', open: button(({ action }) => action.backUpNow) },
  { name: 'command', path: '/', open: button(({ action }) => action.sameCommand) },
  {
    name: 'shortcuts',
    path: '/',
    // The settings say whether single keys do anything, and have to come first.
    open: (page) =>
      expect(async () => {
        await page.keyboard.press('?');
        await expect(page.getByRole('dialog')).toBeVisible({ timeout: 1_000 });
      }).toPass(),
  },
  {
    ...{ name: 'points', path: '/restore', answers: gettingBack },
    open: button(({ restore }) => restore.asTable),
  },
  {
    ...{ name: 'rollback', path: '/restore', answers: gettingBack },
    open: button(({ rollback }) => rollback.open),
  },
  {
    ...{ name: 'unpack', path: STREAM_ADDRESS, answers: gettingBack },
    open: button(({ streams }) => streams.unpack),
  },
  {
    ...{ name: 'archive', path: ARCHIVE_ADDRESS, answers: gettingBack },
    open: async (page, { archive }) => {
      await page.getByRole('grid').first().press('ArrowDown');
      await page.getByRole('button', { name: archive.restoreAll }).click();
    },
  },
];

function inSubvolumes(pick: (words: Words) => string): DialogLook['open'] {
  return async (page, words) => {
    await page.getByRole('tab').nth(1).click();
    await page.getByRole('grid').press('End');
    await page.getByRole('button', { name: pick(words) }).click();
  };
}

const german = { 'settings.get': () => ({ ...defaultSettings, language: 'de' }) };

/** As long as a name may be, without a place to break; from right to left, with figures and pictures. */
const UNBROKEN = 'x'.repeat(200);
const ODD = 'caf\\xe9 שלום עולם 12 👩‍👩‍👧‍👦';
const named =
  (name: string) =>
  (answers: Answers): Answers =>
    renamed(answers, {
      'Blue Drive': name,
      'Green Drive': name,
      Safe: name,
      'Home, every hour': name,
    });

const scenes: readonly { name: string; words: Words; of: (answers: Answers) => Answers }[] = [
  { name: 'English', words: en, of: (answers) => answers },
  { name: 'German', words: de as unknown as Words, of: (answers) => ({ ...answers, ...german }) },
  { name: 'long names', words: en, of: named(UNBROKEN) },
  { name: 'odd names', words: en, of: named(ODD) },
];

/** A table may be wider than the narrowest window; how pages are set is told by `sizes`. */
const counts = (fault: string): boolean =>
  !/^scrolls to the side: DIV _grid_|^a line of/.test(fault);

const FRAME = 'new Promise((done) => setTimeout(() => requestAnimationFrame(done), 60))';

test.describe.configure({ mode: 'parallel' });
test.setTimeout(240_000);

for (const scene of scenes)
  test(`every dialog from 320x512 to 1920x1080: ${scene.name}`, async ({
    window: page,
    server,
  }) => {
    const found: string[] = [];
    for (const { name, path, answers = goodOrder, open } of dialogs) {
      await page.setViewportSize(SIZES[0]);
      await standIn(page, scene.of(answers));
      await page.goto(`${server.address}&dialog=${scene.name}-${name}#${path}`);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.locator('.mantine-Skeleton-root')).toHaveCount(0);
      await open(page, scene.words);
      // What it points at tells itself after a while.
      await page.mouse.move(1, 1);
      const dialog = page.getByRole('dialog');
      await expect(dialog, name).toBeVisible();
      await expect(dialog.locator('.mantine-Skeleton-root, .mantine-Loader-root')).toHaveCount(0);
      for (const size of SIZES) {
        await page.setViewportSize(size);
        let faults = await readFaults(page);
        for (let i = 0; i < 8 && faults.length > 0; i++) {
          await page.evaluate(FRAME);
          faults = await readFaults(page);
        }
        const meant = faults.filter(counts);
        found.push(...meant.map((fault) => `${name} ${size.width}: ${fault}`));
        const picture = `test-results/looks/dialog-${scene.name}-${name}-${size.width}.png`;
        if (meant.length > 0) await page.screenshot({ path: picture });
      }
      for (const colorScheme of ['dark', 'light'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize(SIZES[0]);
        await expectAccessible(page, false).catch((error: unknown) =>
          found.push(`${name} ${colorScheme}: ${String(error).slice(0, 600)}`),
        );
      }
    }
    expect(found).toEqual([]);
  });
