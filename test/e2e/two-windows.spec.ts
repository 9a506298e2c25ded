import { expect, test, type Page } from '@playwright/test';
import { conflict } from '../../shared/errors.ts';
import type { Plan } from '../../shared/model/plan.ts';
import { servePage, type PageServer } from './support/page-server.ts';
import { goodOrder, NOW, plans } from './support/scenes.ts';
import { standIn, type Answers, type StandIn } from './support/stand-in.ts';

let server: PageServer;
test.beforeAll(async () => {
  server = await servePage();
});
test.afterAll(() => server.close());

interface Edited {
  readonly service: StandIn;
  readonly saved: Plan[];
  /** Somebody else's window saves the plan. */
  change(part: Partial<Plan>): void;
}

async function edit(page: Page): Promise<Edited> {
  await page.clock.setFixedTime(NOW);
  const [first, ...others] = plans as [Plan, ...Plan[]];
  let now = first;
  const saved: Plan[] = [];
  const answers: Answers = {
    ...goodOrder,
    'plans.list': () => [now, ...others],
    'plans.update': ({ before, ...draft }) => {
      if (before?.awayDays !== now.awayDays || before.name !== now.name)
        throw conflict('plan-changed', `"${draft.name}" was changed elsewhere meanwhile.`);
      now = { ...now, ...draft } as Plan;
      saved.push(now);
      return now;
    },
  };
  const service = await standIn(page, answers);
  await page.goto(`${server.address}#/plans/s-1`);
  await expect(page.getByLabel('Name')).toHaveValue('Home, every hour');
  return {
    service,
    saved,
    change: (part) => {
      now = { ...now, ...part };
      service.tell('plans.changed', {});
    },
  };
}

const name = (page: Page) => page.getByLabel('Name');

test('a plan changed elsewhere is shown as it is now, to who has changed nothing', async ({
  page,
}) => {
  const { change, saved } = await edit(page);
  change({ name: 'Home, by the other window' });
  // It was called "Not saved yet", with the old name, and Save was refused.
  await expect(name(page)).toHaveValue('Home, by the other window');
  await expect(page.getByText('Not saved yet.')).toHaveCount(0);
  await name(page).fill('Home');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Plans', level: 1 })).toBeVisible();
  expect(saved.map((plan) => plan.name)).toEqual(['Home']);
});

test('an edit that another one has overtaken is told so at once, and nothing of either is lost unseen', async ({
  page,
}) => {
  const { change, saved } = await edit(page);
  await name(page).fill('Mine');
  change({ awayDays: 30 });
  const told = page.getByRole('alert').filter({ hasText: 'was changed elsewhere' });
  await expect(told).toContainText('What you changed here is not saved.');
  await expect(name(page)).toHaveValue('Mine');
  await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeDisabled();
  await told.getByRole('button', { name: 'Show the plan as it is now' }).click();
  await expect(told).toHaveCount(0);
  await expect(name(page)).toHaveValue('Home, every hour');
  await name(page).fill('Mine, after theirs');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Plans', level: 1 })).toBeVisible();
  expect(saved).toMatchObject([{ name: 'Mine, after theirs', awayDays: 30 }]);
});
