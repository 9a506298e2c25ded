import { Random } from '../harness/random.ts';
import { Computer } from './computer.ts';
import * as people from './deeds.ts';
import * as plans from './plan-deeds.ts';
import { Scene } from './scene.ts';

export interface WeeksResult {
  /** What was done, a line each. */
  readonly log: readonly string[];
  /** What was not as it should be, and behind which deed. */
  readonly wrong: readonly string[];
}

export interface WeeksOptions {
  /** Of an even one two computers share the drives. */
  readonly seed: number;
  readonly deeds: number;
  readonly say?: (text: string) => void;
}

type Deed = (scene: Scene) => Promise<string> | string;

/** How often each is done, beside the others. */
const DEEDS: readonly (readonly [weight: number, deed: Deed])[] = [
  [14, plans.backUp],
  [3, plans.backUpKilled],
  [2, plans.backUpAll],
  [2, plans.backUpMeanwhile],
  [1, plans.backUpOntoFull],
  [0.5, plans.makePlan],
  [0.5, plans.deletePlan],
  [1, plans.changeRules],
  [0.7, plans.changeExcludes],
  [8, people.edit],
  [1, people.rename],
  [1, people.search],
  [4, people.plugOrPull],
  [2, people.rollBack],
  [1, people.rollBackByHand],
  [0.5, people.rollBackTwice],
  [2, people.deleteByHand],
  [2, people.deleteOnDrive],
  [2, people.restoreInPlace],
  [2, people.restoreUndone],
  [1, people.tag],
  [1, people.restart],
  [0.5, people.loseHistory],
  [0.3, people.loseDisk],
  [1, people.snapshotByHand],
  [0.5, people.moveBackups],
  [0.7, people.replaceDrive],
  [0.5, people.cloneDrive],
  [0.5, people.pruneArchive],
];
const WEIGHT = DEEDS.reduce((sum, [weight]) => sum + weight, 0);

/**
 * Plays what happens over weeks to a laptop, its drives and its plans, at random and the same for
 * the same seed (but for the moments of kills): backups, edits, rollbacks, restores, drives that
 * come, go, fill up and are replaced, snapshots that are deleted by hand, a history that is lost.
 * After each deed all copies that there are must be listed and hold what was backed up, and
 * nothing may be gone that a rule or a person keeps.
 */
export async function playWeeks({ seed, deeds, say = ignore }: WeeksOptions): Promise<WeeksResult> {
  const random = new Random(seed);
  const scenes: Scene[] = [];
  try {
    let scene = await begun(new Computer(random, ['home', 'work']), random, say);
    scenes.push(scene);
    if (seed % 2 === 0) {
      await scene.computer.sleep();
      const second = new Computer(random, ['home', 'photos'], scene.computer);
      scene = await begun(second, random, (text) => say(`(2) ${text}`));
      scenes.push(scene);
    }
    for (let count = 0; count < deeds; count += 1) {
      if (scenes.length > 1 && random.chance(0.2)) {
        scene = await changeTo(scenes[1 - scenes.indexOf(scene)]!, scene);
        await scene.judge.check();
      }
      await doOne(scene);
    }
    for (const one of scenes) {
      scene = await changeTo(one, scene);
      await scene.judge.lookAtAll();
    }
  } catch (error) {
    scenes[0]?.judge.bad(`thrown: ${(error as Error).stack}`);
    if (scenes.length === 0) throw error;
  } finally {
    // The first one has the disks of both.
    for (const one of scenes.reverse()) await one.computer.close();
  }
  return {
    log: scenes.flatMap(({ judge }) => judge.log),
    wrong: scenes.flatMap(({ judge }) => judge.wrong),
  };
}

const ignore = (): void => undefined;

async function begun(
  computer: Computer,
  random: Random,
  say: (text: string) => void,
): Promise<Scene> {
  const scene = new Scene(computer, random, say);
  for (const drive of computer.drives) {
    if (drive.device !== undefined)
      await computer.client.call('drives.mount', { driveId: drive.id });
  }
  if (random.chance(0.4)) plans.chooseExcludes(scene);
  for (let i = 0; i < 2; i += 1) scene.judge.note(await plans.makePlan(scene));
  return scene;
}

async function changeTo(next: Scene, now: Scene): Promise<Scene> {
  if (next === now) return now;
  await now.computer.sleep();
  await next.computer.wake();
  return next;
}

async function doOne(scene: Scene): Promise<void> {
  let at = scene.random.unit() * WEIGHT;
  const [, deed] = DEEDS.find(([weight]) => (at -= weight) < 0)!;
  try {
    scene.judge.note(await deed(scene));
  } catch (error) {
    scene.judge.note(deed.name);
    scene.judge.bad(`thrown: ${(error as Error).stack?.slice(0, 900)}`);
    return;
  }
  await scene.judge.check();
}
