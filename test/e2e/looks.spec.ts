import { ioError } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import type { Drive } from '../../shared/model/drive.ts';
import type { Source } from '../../shared/model/subvolume.ts';
import { expect, type ConsoleMessage, type Locator, type Page } from '@playwright/test';
import { expectAccessible, expectLook, isRecording, sizes, test } from './support/looking.ts';
import {
  AWAY,
  BLUE,
  damaged,
  damagedFolder,
  failed,
  fresh,
  goodOrder,
  huge,
  laptop,
  ordinary,
  running,
} from './support/scenes.ts';
import {
  ARCHIVE_ADDRESS,
  damagedFiles,
  gettingBack,
  rolledBackByHand,
  STREAM_ADDRESS,
  streamBusy,
  streamDamaged,
  trouble,
} from './support/scenes-getting-back.ts';
import { standIn, type Answers, type StandIn } from './support/stand-in.ts';

const schemes = ['light', 'dark'] as const;

interface Look {
  readonly name: string;
  readonly answers: Answers;
  readonly path: string;
  readonly ready: (page: Page) => Promise<void>;
  /** Looked at on a large screen as well. */
  readonly wide?: true;
  readonly tell?: (service: StandIn) => void;
}

const drives = goodOrder['drives.list']!({}) as Drive[];
const onlySnapshots: Answers = {
  ...goodOrder,
  'sources.list': () =>
    (goodOrder['sources.list']!({}) as Source[]).filter(({ places }) =>
      places.every(({ place }) => place === 'local'),
    ),
};
const onlyBlank: Answers = {
  ...fresh,
  'volumes.list': () => [laptop],
  'drives.list': () => drives.filter(({ state }) => state === 'blank'),
};
const stickMounted: Answers = {
  ...goodOrder,
  'drives.list': () =>
    drives.map((drive) =>
      drive.name === 'STICK'
        ? { ...drive, state: 'mounted', mounts: ['/run/media/anna/STICK'], freeBytes: 101e9 }
        : drive,
    ),
};

const text = (words: string | RegExp) => async (page: Page) => {
  await expect(page.getByText(words).first()).toBeVisible();
};

const looks: Look[] = [
  { name: 'home-empty', answers: fresh, path: '/', ready: text('Three steps') },
  { name: 'home-only-snapshots', answers: onlySnapshots, path: '/', ready: text('Three steps') },
  { name: 'home', wide: true, answers: goodOrder, path: '/', ready: text('safe up to') },
  {
    name: 'home-busy',
    wide: true,
    answers: { ...goodOrder, 'runs.list': () => ({ runs: [running], total: 1 }) },
    path: '/',
    ready: text('71 %'),
  },
  // The row was as if it had no points.
  {
    name: 'home-unread',
    answers: { ...goodOrder, 'points.list': unreadHistory },
    path: '/',
    ready: text('Check the drive and its cable'),
  },
  {
    name: 'home-failed',
    answers: goodOrder,
    path: '/',
    ready: text('The drive is full.'),
    tell: (service) => service.tell('run.changed', failed),
  },
  { name: 'home-huge', wide: true, answers: huge, path: '/', ready: text('safe up to') },
  {
    name: 'home-not-root',
    answers: {
      ...fresh,
      'service.info': () => ({
        ...ordinary,
        isRoot: false,
        userName: 'anna',
        homePath: '/home/anna',
      }),
      'sources.list': () => [],
      'volumes.list': () => [],
    },
    path: '/',
    ready: text('may not read this computer'),
  },
  {
    name: 'home-service-gone',
    answers: goodOrder,
    path: '/',
    ready: text('is not reachable'),
    tell: (service) => void service.goAway(),
  },
  { name: 'restore-away', answers: goodOrder, path: '/restore', ready: chooseAway },
  {
    name: 'restore-slow',
    answers: { ...goodOrder, 'directory.list': () => new Promise(() => undefined) },
    path: '/restore',
    ready: async (page) => {
      await expect(page.getByLabel('Loading')).toBeVisible();
    },
  },
  {
    name: 'restore-damaged-folder',
    answers: { ...goodOrder, 'directory.list': () => damagedFolder },
    path: '/restore',
    ready: text('Names may be missing here'),
  },
  {
    name: 'drives-damaged',
    answers: { ...goodOrder, 'volumes.list': () => [laptop, damaged] },
    path: '/drives/old-disk',
    ready: text('superblock-damaged'),
  },
  { name: 'restore', wide: true, answers: goodOrder, path: '/restore', ready: chooseFile },
  { name: 'restore-points', answers: goodOrder, path: '/restore', ready: openPoints },
  { name: 'restore-huge', answers: huge, path: '/restore', ready: goToTheEnd },
  {
    name: 'drives',
    wide: true,
    answers: goodOrder,
    path: `/drives/${BLUE}`,
    ready: countCosts,
  },
  { name: 'drives-snapshots', answers: goodOrder, path: '/drives', ready: chooseSnapshot },
  { name: 'drives-away', answers: goodOrder, path: `/drives/${AWAY}`, ready: askToRelease },
  {
    name: 'drives-new',
    answers: goodOrder,
    path: '/drives/device%3A%2Fdev%2Fsdd',
    ready: text('never formats a drive'),
  },
  { name: 'drives-huge', answers: huge, path: '/drives', ready: openSnapshots },
  { name: 'shortcuts', answers: goodOrder, path: '/', ready: openShortcuts },
  { name: 'activity-empty', answers: fresh, path: '/activity', ready: text('Nothing has run yet') },
  { name: 'activity-huge', answers: huge, path: '/activity', ready: text('of 120,000') },
  { name: 'activity', answers: goodOrder, path: '/activity', ready: text('Home to Blue Drive') },
  {
    name: 'activity-run',
    answers: goodOrder,
    path: '/activity/run-1',
    ready: openLog,
  },
  {
    name: 'activity-failed',
    wide: true,
    answers: goodOrder,
    path: '/activity/run-2',
    ready: text('target-full'),
  },
  {
    name: 'plans',
    wide: true,
    answers: goodOrder,
    path: '/plans',
    ready: text('Home, every hour'),
  },
  { name: 'plan-new', answers: goodOrder, path: '/plans/new', ready: text('Next runs') },
  { name: 'plan-edit', wide: true, answers: goodOrder, path: '/plans/s-2', ready: openReasons },
  { name: 'plan-import', answers: goodOrder, path: '/plans', ready: openImport },
  {
    name: 'plans-empty',
    answers: fresh,
    path: '/plans',
    ready: text('Nothing happens by itself yet'),
  },
  { name: 'settings', answers: goodOrder, path: '/settings', ready: text('Appearance') },
  { name: 'restore-diff', answers: gettingBack, path: '/restore', ready: openDiff },
  { name: 'restore-marked', answers: gettingBack, path: '/restore', ready: markTwo },
  { name: 'restore-changes', wide: true, answers: gettingBack, path: '/restore', ready: compare },
  { name: 'restore-rollback', answers: gettingBack, path: '/restore', ready: openRollback },
  { name: 'rollback-which', answers: rolledBackByHand, path: '/restore', ready: askWhich },
  { name: 'find-empty', answers: gettingBack, path: '/restore/find', ready: text('Find a file') },
  { name: 'find', wide: true, answers: gettingBack, path: '/restore/find', ready: findLetters },
  { name: 'streams-empty', answers: gettingBack, path: '/streams', ready: text('Look into any') },
  { name: 'stream-tree', answers: gettingBack, path: STREAM_ADDRESS, ready: text('moved from') },
  { name: 'stream-commands', wide: true, answers: gettingBack, path: STREAM_ADDRESS, ready: kinds },
  { name: 'stream-busy', answers: streamBusy, path: STREAM_ADDRESS, ready: text('Cancel') },
  {
    name: 'stream-damaged',
    answers: streamDamaged,
    path: STREAM_ADDRESS,
    ready: text('is damaged'),
  },
  { name: 'archive', wide: true, answers: gettingBack, path: ARCHIVE_ADDRESS, ready: openPoint },
  { name: 'rescue', answers: gettingBack, path: '/rescue', ready: text('Which disk is it?') },
  { name: 'rescue-all', wide: true, answers: trouble, path: '/rescue', ready: recover },
  { name: 'rescue-inside', answers: trouble, path: '/rescue', ready: lookInside },
  { name: 'heal', wide: true, answers: damagedFiles, path: '/restore', ready: lookForDamage },
  { name: 'rescue-found', answers: trouble, path: '/rescue', ready: lookAtDisk },
  { name: 'backup', answers: goodOrder, path: '/', ready: openBackup },
  { name: 'backup-closed', answers: goodOrder, path: '/', ready: chooseClosed },
  { name: 'backup-streams', answers: stickMounted, path: '/', ready: chooseStreams },
  { name: 'home-blank-drive', answers: onlyBlank, path: '/', ready: text('mkfs.btrfs') },
];

async function chooseFile(page: Page): Promise<void> {
  await page.getByText('packing list.txt').click();
  await expect(page.getByText('rain jacket')).toBeVisible();
  await expect(page.getByRole('slider', { name: 'Versions of packing list.txt' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Restore as packing list/ })).toBeVisible();
}

async function chooseAway(page: Page): Promise<void> {
  await page.getByRole('combobox', { name: 'Restore from' }).click();
  await page.getByRole('option', { name: /^System/ }).click();
  await page.getByRole('slider').press('Home');
  await expect(page.getByText(/kept on Green Drive, which is away/)).toBeVisible();
}

async function openPoints(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'As a table' }).click();
  const points = page.getByRole('grid', { name: 'Restore points of Home' });
  await points.press('ArrowDown');
  await expect(points.getByRole('row', { selected: true })).toContainText('10:05 today');
}

async function goToTheEnd(page: Page): Promise<void> {
  const grid = page.getByRole('grid', { name: 'Folder, 200,000 entries' });
  // The stand-in makes and checks years of points first.
  await expect(grid.getByText('img_000000.jpg')).toBeVisible({ timeout: 60_000 });
  await grid.press('End');
  await expect(grid.getByText('img_199999.jpg')).toBeVisible();
  await expect(page.getByRole('complementary')).toContainText('img_199999.jpg');
  await expect(page.getByRole('slider', { name: 'Versions of img_199999.jpg' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Restore as img_199999/ })).toBeVisible();
}

async function openSnapshots(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Subvolumes and snapshots' }).click();
  await expect(page.getByRole('grid')).toBeVisible();
}

async function countCosts(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Count it' }).click();
  const costs = page.getByText(/cost most, of 60/);
  await expect(costs).toBeVisible();
  await scrollTo(costs);
}

/** How far a click scrolled depends on what had been drawn above its target by then. */
async function scrollTo(seen: Locator): Promise<void> {
  await seen.evaluate((one) => one.scrollIntoView({ block: 'start' }));
}

async function askToRelease(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Release what is held …' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
}

async function openShortcuts(page: Page): Promise<void> {
  // Before the page is there nobody hears the key.
  await expect(page.getByText('safe up to').first()).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog')).toContainText('Go to the pages');
}

async function openLog(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Show the log' }).click();
  await expect(page.getByText('img_3001.raw')).toBeVisible();
}

async function chooseSnapshot(page: Page): Promise<void> {
  await openSnapshots(page);
  await page.getByText('@home', { exact: true }).click();
  await expect(page.getByText('Take a snapshot')).toBeVisible();
}

async function openReasons(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Each restore point and why' }).click();
  await expect(page.getByRole('grid', { name: /^Restore points in/ })).toContainText('newest');
  await expect(page.getByText('[[plan]]')).toBeVisible();
}

async function openImport(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Take over from another tool …' }).click();
  await page.getByRole('button', { name: 'Look', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Take over 1 plan' })).toBeVisible();
}

async function openDiff(page: Page): Promise<void> {
  await page.getByText('packing list.txt').click();
  await page.getByRole('slider', { name: 'Versions of packing list.txt' }).press('ArrowLeft');
  await page.getByRole('button', { name: 'What is different …' }).click();
  await expect(page.getByRole('dialog').getByText('umbrella')).toBeVisible();
  await scrollTo(page.getByRole('heading', { name: 'Versions', includeHidden: true }));
}

async function markTwo(page: Page): Promise<void> {
  const folder = page.getByRole('grid', { name: /^Folder/ });
  await folder.getByLabel('Mark Documents').check();
  await folder.press('End');
  await folder.press(' ');
  await expect(page.getByRole('heading', { name: '2 marked' })).toBeVisible();
  await expect(page.getByRole('button', { name: /^Restore 2 to/ })).toBeEnabled();
}

async function compare(page: Page): Promise<void> {
  await page.getByText('What changed', { exact: true }).click();
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByText('moved from Documents/draft.odt')).toBeVisible();
}

function unreadHistory(): never {
  throw ioError(
    'device-error',
    say`Could not ${{ what: 'read' }} "${{ path: 'history.sqlite' }}": ${{ errno: 'EIO' }}.`,
    {
      hint: 'Check the drive and its cable; see the kernel log.',
    },
  );
}

async function openRollback(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Go back to this moment …' }).click();
  await expect(page.getByRole('dialog').getByText('dendro rollback')).toBeVisible();
}

async function askWhich(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Go back to this moment …' }).click();
  await expect(page.getByRole('dialog').getByRole('radio')).toHaveCount(2);
}

async function findLetters(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'What to find' }).fill('letter');
  const row = page.getByRole('row').filter({ hasText: 'tax office 1.odt' });
  await row.click();
  await expect(page.getByText('No preview for this kind of file')).toBeVisible();
  await expect(page.getByRole('button', { name: /^Restore as/ })).toBeEnabled();
}

async function kinds(page: Page): Promise<void> {
  await page.getByText('Commands', { exact: true }).click();
  await page.getByRole('grid').press('End');
  await expect(page.getByText('412,870')).toBeVisible();
}

async function openPoint(page: Page): Promise<void> {
  await page.getByRole('grid').press('ArrowDown');
  await expect(page.getByText('packing list.txt')).toBeVisible();
}

async function recover(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Blue Drive/ }).click();
  await expect(page.getByText('31 states of your files can be restored.')).toBeVisible();
}

async function lookInside(page: Page): Promise<void> {
  await recover(page);
  await page.getByRole('button', { name: 'Look inside' }).first().click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText('packing list.txt')).toBeVisible();
  await expect(dialog.getByRole('button', { name: /^Restore as/ })).toBeEnabled();
  await scrollTo(
    page.getByRole('heading', { name: '/dev/sda1', exact: true, includeHidden: true }),
  );
}

async function lookForDamage(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Look for damage …' }).click();
  await page.getByRole('button', { name: 'Read everything and look' }).click();
  await expect(page.getByText('3 files are damaged.')).toBeVisible();
  await expect(page.getByText('in no moment that is here')).toBeVisible();
}

async function lookAtDisk(page: Page): Promise<void> {
  await recover(page);
  await page.getByRole('button', { name: 'Search the disk for a way in' }).click();
  await expect(page.getByText('Part of it is damaged.')).toBeVisible();
  await expect(page.getByText('dendro rescue --to')).toBeVisible();
  await scrollTo(page.getByRole('heading', { name: /old-disk\.img$/ }));
}

async function openBackup(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Back up now' }).click();
  await expect(page.getByRole('button', { name: 'Send 6.2 GB to Blue Drive' })).toBeVisible();
}

async function choosePlace(page: Page, name: RegExp): Promise<void> {
  await page.getByRole('button', { name: 'Back up now' }).click();
  await page.getByRole('dialog').getByRole('combobox', { name: 'To' }).click();
  await page.getByRole('option', { name }).click();
}

async function chooseClosed(page: Page): Promise<void> {
  await choosePlace(page, /^STICK .* not mounted yet/);
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Mount' })).toBeVisible();
}

async function chooseStreams(page: Page): Promise<void> {
  await choosePlace(page, /^STICK .* as stream files/);
  await expect(page.getByRole('button', { name: /^Send .* to STICK$/ })).toBeVisible();
}

test.describe.configure({ mode: 'parallel' });
test.setTimeout(240_000);

/** Each state is arrived at once, and then looked at in both schemes and sizes. */
for (const look of looks) {
  test(look.name, async ({ window: page, server }) => {
    const complaints: string[] = [];
    const onConsole = (message: ConsoleMessage): void => {
      if (message.type() === 'error') complaints.push(message.text());
    };
    const onError = (error: Error): void => void complaints.push(error.message);
    page.on('console', onConsole).on('pageerror', onError);
    await page.setViewportSize(sizes[0]);
    await page.emulateMedia({ colorScheme: 'light' });
    const service = await standIn(page, look.answers);
    await page.goto(`${server.address}&look=${look.name}#${look.path}`);
    if (look.tell) {
      await expect(page.getByText('safe up to').first()).toBeVisible();
      look.tell(service);
    }
    await look.ready(page);
    for (const size of look.wide ? sizes : sizes.slice(0, 1)) {
      await page.setViewportSize(size);
      for (const colorScheme of schemes) {
        await page.emulateMedia({ colorScheme });
        await expectLook(page, `${look.name}-${size.width}-${colorScheme}`);
        if (isRecording) continue;
        // What axe looks for does not depend on the width, and only contrast on the scheme. Of
        // contrast it sees no more than the window shows: that is looked at in the largest.
        const isDark = colorScheme === 'dark';
        if (size === (isDark && look.wide ? sizes[1] : sizes[0]))
          await expectAccessible(page, isDark);
      }
    }
    // A socket that is refused is told on the console by the browser itself.
    expect(complaints.filter((c) => !c.includes('WebSocket'))).toEqual([]);
    page.off('console', onConsole).off('pageerror', onError);
  });
}
