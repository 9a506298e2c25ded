import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlanDraft } from '../../shared/model/plan.ts';
import type { PlanTarget } from '../../shared/model/plan-target.ts';
import type { Run } from '../../shared/model/run.ts';
import { latestOnly } from '../plan/latest-only.ts';
import type { Home, PluggedDrive } from './computer.ts';
import type { PlanHere, Scene } from './scene.ts';
import { ARCHIVE, describeTree, type Words } from './truths.ts';

export async function makePlan(scene: Scene): Promise<string> {
  const { client, drives, homes, label } = scene.computer;
  const random = scene.random;
  const volumes = await client.call('volumes.list', {});
  const { volumeId } = volumes.find((one) => one.label === label)!;
  const found = await client.call('subvolumes.list', { volumeId });
  const chosen = random.chance(0.5) ? homes : [random.pick(homes)];
  const here = drives.filter(({ id }) => id !== '');
  const targets = here
    .filter(() => random.chance(0.6))
    .map((drive): PlanTarget => targetOn(scene, drive));
  const draft = PlanDraft.parse({
    name: `plan ${scene.judge.log.length}-${random.between(0, 1e6)}`,
    sources: chosen.map(({ subvolume }) => {
      const one = found.find(({ path }) => path === subvolume)!;
      return { volumeId, subvolumeId: one.subvolumeId, path: subvolume };
    }),
    when: [{ every: 'hour', minute: 0 }],
    keepLocal: rules(scene),
    targets,
    excludes: scene.excludes,
    options: { mountDrive: true },
  });
  const { planId } = await client.call('plans.create', draft);
  scene.plans.push({ planId, draft, homes: chosen });
  return `plan of ${chosen.map(({ name }) => name).join()} to ${targets.map(({ kind }) => kind).join()} keeps ${draft.keepLocal.latest}, ${targets.map(({ keep }) => keep.latest).join()}`;
}

export function targetOn(scene: Scene, drive: PluggedDrive): PlanTarget {
  const keep = rules(scene);
  return drive.filesystem === 'btrfs'
    ? { kind: 'btrfs', volumeId: drive.id, folder: scene.random.pick(['', 'backups']), keep }
    : {
        kind: 'archive',
        driveId: drive.id,
        folder: ARCHIVE,
        keep,
        level: 1,
        recipients: [...scene.computer.recipients],
      };
}

function rules(scene: Scene): PlanDraft['keepLocal'] {
  return { ...latestOnly, latest: scene.random.between(1, 5) };
}

export async function deletePlan(scene: Scene): Promise<string> {
  if (scene.plans.length < 2) return 'no plan to delete';
  const plan = scene.random.pick(scene.plans);
  await scene.computer.client.call('plans.delete', { planId: plan.planId });
  scene.plans = scene.plans.filter((one) => one !== plan);
  return `deleted ${plan.draft.name}`;
}

export async function changeRules(scene: Scene): Promise<string> {
  const plan = scene.random.pick(scene.plans);
  await changePlan(scene, plan, {
    keepLocal: rules(scene),
    targets: plan.draft.targets.map((target) => ({ ...target, keep: rules(scene) })),
  });
  return `rules of ${plan.draft.name}: ${plan.draft.keepLocal.latest}, ${plan.draft.targets.map(({ keep }) => keep.latest).join()}`;
}

export function chooseExcludes(scene: Scene): void {
  const all = ['a', 'b/', '/files/c', 'large', 'd/'];
  scene.excludes = all.filter(() => scene.random.chance(0.3));
}

/** Some paths that every plan leaves out from now on; at times none. */
export async function changeExcludes(scene: Scene): Promise<string> {
  chooseExcludes(scene);
  for (const plan of scene.plans) await changePlan(scene, plan, { excludes: [...scene.excludes] });
  return `plans leave out ${scene.excludes.join(' ')}`;
}

/** What it backs up stays as the service has it: a rollback may have changed that. */
export async function changePlan(
  { computer: { client } }: Scene,
  plan: PlanHere,
  change: Partial<PlanDraft>,
): Promise<void> {
  plan.draft = PlanDraft.parse({ ...plan.draft, ...change });
  const { planId, draft } = plan;
  const now = (await client.call('plans.list', {})).find((one) => one.planId === planId)!;
  await client.call('plans.update', { ...draft, sources: now.sources, planId });
}

export async function backUp(scene: Scene): Promise<string> {
  const computer = scene.computer;
  const plan = scene.random.pick(scene.plans);
  const before = scene.judge.everything();
  const live = asTheyAre(plan.homes);
  const runs = await computer.runPlan(plan.planId);
  const after = scene.judge.everything();
  scene.judge.failuresOf(runs);
  scene.judge.learn(live, before, after, plan);
  scene.judge.judgeRules(before, after, plan);
  return `ran ${plan.draft.name}: ${told(runs)}`;
}

/** Killed at any moment, started again, and run to its end. */
export async function backUpKilled(scene: Scene): Promise<string> {
  const computer = scene.computer;
  const plan = scene.random.pick(scene.plans);
  const before = scene.judge.everything();
  const live = asTheyAre(plan.homes);
  await computer.stop();
  const afterMs = scene.random.between(0, 4_000);
  const wasKilled = await computer.killedRun(plan.planId, afterMs);
  computer.start();
  await computer.ready();
  const runs = await computer.runPlan(plan.planId);
  const after = scene.judge.everything();
  scene.judge.failuresOf(runs);
  scene.judge.learn(live, before, after, plan);
  scene.judge.judgeRules(before, after, plan);
  return `ran ${plan.draft.name}, killed ${wasKilled} after ${afterMs} ms: ${told(runs)}`;
}

/** All plans at once. */
export async function backUpAll(scene: Scene): Promise<string> {
  const computer = scene.computer;
  const before = scene.judge.everything();
  const homes = computer.homes.filter((home) =>
    scene.plans.some((plan) => plan.homes.includes(home)),
  );
  const asked = await Promise.allSettled(scene.plans.map(({ planId }) => computer.runPlan(planId)));
  await computer.service.scheduler.idle();
  const refused = asked.flatMap((one) =>
    one.status === 'rejected' ? [(one.reason as { code?: string }).code] : [],
  );
  if (refused.some((code) => code !== 'plan-under-way'))
    scene.judge.bad(`refused: ${refused.join()}`);
  const runs = asked.flatMap((one) => (one.status === 'fulfilled' ? one.value : []));
  const after = scene.judge.everything();
  scene.judge.failuresOf(runs);
  scene.judge.learn(undefined, before, after, { ...scene.plans[0]!, homes });
  if (refused.length === 0)
    for (const plan of scene.plans) scene.judge.judgeRules(before, after, plan, true);
  return `ran all ${scene.plans.length} plans at once: ${told(runs)}`;
}

/** Somebody works meanwhile. */
export async function backUpMeanwhile(scene: Scene): Promise<string> {
  const computer = scene.computer;
  const plan = scene.random.pick(scene.plans);
  const before = scene.judge.everything();
  const timer = setInterval(() => {
    for (const home of computer.homes) home.tree.edit(1);
  }, 30);
  const runs = await computer.runPlan(plan.planId).finally(() => clearInterval(timer));
  const after = scene.judge.everything();
  scene.judge.failuresOf(runs);
  scene.judge.learn(undefined, before, after, plan);
  scene.judge.judgeRules(before, after, plan);
  return `ran ${plan.draft.name} while all was edited: ${told(runs)}`;
}

export async function backUpOntoFull(scene: Scene): Promise<string> {
  const computer = scene.computer;
  const drive = scene.random.pick(computer.drives);
  const plan = scene.plans.find(({ draft }) => scene.judge.keepAt(draft, drive.name).length > 0);
  if (plan === undefined || drive.device === undefined)
    return 'nothing goes to a drive that could be full';
  await computer.client.call('drives.release', { driveId: drive.id });
  computer.fill(drive);
  for (const home of plan.homes) {
    const name = join(home.folder, 'files', 'large');
    rmSync(name, { recursive: true, force: true });
    writeFileSync(name, scene.random.bytes(3 << 20));
  }
  const before = scene.judge.everything();
  const live = asTheyAre(plan.homes);
  const runs = await computer.runPlan(plan.planId);
  const full = runs.filter(({ error }) => error?.code === 'target-full').length;
  scene.judge.failuresOf(runs.filter(({ error }) => error?.code !== 'target-full'));
  const after = scene.judge.everything();
  scene.judge.learn(live, before, after, plan);
  await computer.client.call('drives.release', { driveId: drive.id });
  computer.unfill(drive);
  return `ran ${plan.draft.name}, ${drive.name} full: ${full} did not fit: ${told(runs)}`;
}

function asTheyAre(homes: readonly Home[]): ReadonlyMap<string, Words> {
  return new Map(homes.map((home) => [home.name, describeTree(home.folder)]));
}

const told = (runs: readonly Run[]): string =>
  runs
    .map(({ kind, state, error }) => `${kind} ${state}${error ? ` ${error.code}` : ''}`)
    .join(', ');
