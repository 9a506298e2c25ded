import { expect, test, type Page } from '@playwright/test';
import { parse } from 'smol-toml';
import type { PlanDraft } from '../../shared/model/plan.ts';
import { servePage, type PageServer } from './support/page-server.ts';
import { BLUE, goodOrder, NOW } from './support/scenes.ts';
import { standIn } from './support/stand-in.ts';

let server: PageServer;
test.beforeAll(async () => {
  server = await servePage();
});
test.afterAll(() => server.close());

test('a plan is made of words: places, times, rules, conditions, and the file says the same', async ({
  page,
}) => {
  test.setTimeout(120_000);
  await page.clock.setFixedTime(NOW);
  let saved: PlanDraft | undefined;
  await standIn(page, {
    ...goodOrder,
    'plans.create': (draft) => {
      saved = draft as PlanDraft;
      throw new Error('kept open, to compare it with the file');
    },
  });
  await page.goto(`${server.address}#/plans`);
  await page.getByRole('button', { name: 'New plan' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Everything');
  await choose(page, 'Repeats', 'By a cron expression');
  await page.getByLabel('Minute, hour, day, month, weekday').fill('30 8 * * 1-5');
  await page.getByRole('button', { name: 'Add a time' }).click();
  await chooseLast(page, 'Repeats', 'When its drive is plugged in');
  await page.getByLabel('With the subvolumes below it, all of one moment').check();

  await page.getByRole('button', { name: 'Add a place' }).click();
  await page.getByRole('group', { name: 'What is kept there' }).getByLabel('Weekly').fill('6');
  await page.getByLabel('Keep free (percent)').last().fill('15');
  await page.getByRole('button', { name: 'Add a place' }).click();
  await chooseLast(page, 'Kind', 'Another computer, over ssh');
  await page.getByLabel('Address').fill('nas:/srv');
  await expect(page.getByText('Write ssh://HOST/FOLDER')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled();
  await page.getByLabel('Address').fill('ssh://anna@nas/srv/backups');

  await page.getByLabel('What to leave out').last().fill('.cache/\n\n*.iso\n');
  for (const label of ['on the mains', 'not metered', 'nobody presents', 'quiet hours'])
    await page.getByLabel(new RegExp(label)).check();
  await page.getByLabel('Quiet from').fill('23:15');
  await page.getByLabel(/safe to unplug/).check();

  await expect(page.getByRole('status').filter({ hasText: 'Take a snapshot' })).toHaveText(
    'Take a snapshot of Home at 30 8 * * 1-5 and when its drive is plugged in and send it to ' +
      'Blue Drive. Keep 24 hourly and 7 daily on this computer and 30 daily, 6 weekly and ' +
      '12 monthly on Blue Drive. Also to one more place.',
  );
  await expect(page.getByText('Monday', { exact: false }).first()).toBeVisible();
  const file = page.locator('code').filter({ hasText: '[[plan]]' });
  await expect(file).toContainText('23');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect.poll(() => saved).toBeDefined();
  expect(saved).toMatchObject({
    name: 'Everything',
    sources: [{ subvolumeId: 257, nested: true }],
    when: [{ every: 'cron', expression: '30 8 * * 1-5' }, { every: 'plug-in' }],
    targets: [
      { kind: 'btrfs', volumeId: BLUE, keep: { weekly: 6, minFreePercent: 15 } },
      { kind: 'ssh', url: 'ssh://anna@nas/srv/backups' },
    ],
    excludes: ['.cache/', '*.iso'],
    conditions: {
      ...{ onAcPower: true, notMetered: true, notPresenting: true },
      quietHours: { from: { hour: 23, minute: 15 }, to: { hour: 6, minute: 0 } },
    },
    options: { mountDrive: false, ejectDrive: true, adoptOthers: false },
  });
  const { plan } = parse(await file.innerText()) as unknown as { plan: Record<string, unknown>[] };
  expect(saved).toMatchObject(plan[0]!);
});

test('a plan is not saved yet while it says something else than before', async ({ page }) => {
  await page.clock.setFixedTime(NOW);
  await standIn(page, goodOrder);
  await page.goto(`${server.address}#/plans/s-1`);
  const name = page.getByLabel('Name', { exact: true });
  const before = await name.inputValue();
  await expect(page.getByText('Not saved yet.')).toHaveCount(0);
  await name.fill('Something else');
  await expect(page.getByText('Not saved yet.')).toBeVisible();
  await name.fill(before);
  await expect(page.getByText('Not saved yet.')).toHaveCount(0);
});

test('a plan of the administrator is looked at, not changed', async ({ page }) => {
  await page.clock.setFixedTime(NOW);
  await standIn(page, goodOrder);
  await page.goto(`${server.address}#/plans/s-3`);
  await expect(page.getByText('stands in the plan file')).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toBeDisabled();
  await expect(page.getByRole('button', { name: 'Save' })).toHaveCount(0);
});

async function choose(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).first().click();
  await page.getByRole('option', { name: option }).click();
}

async function chooseLast(page: Page, label: string, option: string): Promise<void> {
  await page.getByRole('combobox', { name: label }).last().click();
  await page.getByRole('option', { name: option }).click();
}
