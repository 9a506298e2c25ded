import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RestorePoint } from '../../shared/model/subvolume.ts';
import { dendro } from '../harness/dendro.ts';
import { run } from '../harness/run.ts';
import { isOn, type Home } from './computer.ts';
import { changePlan, targetOn } from './plan-deeds.ts';
import type { Scene } from './scene.ts';
import { archivePoints, atDrive, describeTree, differences, plain, snapshotsAt } from './truths.ts';

export function edit(scene: Scene): string {
  const home = scene.random.pick(scene.computer.homes);
  const count = scene.random.between(1, 25);
  home.tree.edit(count);
  return `edit ${home.name} ${count}`;
}

/** The subvolume gets another name, and is mounted by that. */
export function rename(scene: Scene): string {
  const home = scene.random.pick(scene.computer.homes);
  const to = `@${home.name}-${scene.judge.log.length}`;
  const from = home.subvolume;
  scene.computer.atTop(scene.computer.laptop, (top) => renameSync(join(top, from), join(top, to)));
  home.subvolume = to;
  // What was put aside still has the name of before.
  if (scene.rolledBack.has(home.name)) scene.untold.add(home.name);
  scene.computer.boot();
  return `renamed ${from} to ${to}`;
}

export async function plugOrPull(scene: Scene): Promise<string> {
  const drive = scene.random.pick(scene.computer.drives);
  if (drive.device === undefined) {
    scene.computer.plug(drive);
    await scene.computer.client.call('drives.list', {});
    return `plugged ${drive.name}`;
  }
  await scene.computer.unplug(drive);
  return `pulled ${drive.name}`;
}

async function copyOf(
  scene: Scene,
): Promise<
  | { uuid: string; home: Home; point: RestorePoint; copy: RestorePoint['copies'][number] }
  | undefined
> {
  const sources = await scene.judge.sources();
  const home = scene.random.pick(scene.computer.homes);
  const copies = (sources.get(home.name)?.points ?? []).flatMap((point) =>
    point.copies
      .filter(({ present }) => present)
      .map((copy) => ({ uuid: plain(point.pointId), home, point, copy })),
  );
  if (copies.length === 0) return undefined;
  const chosen = scene.random.pick(copies);
  const drive = scene.computer.drives.find(({ id }) => chosen.copy.volumeId.includes(id));
  if (drive !== undefined) await scene.computer.client.call('drives.mount', { driveId: drive.id });
  return chosen;
}

export async function rollBack(scene: Scene): Promise<string> {
  const found = await copyOf(scene);
  if (found === undefined || found.copy.place !== 'local') return 'nothing to roll back to';
  const { client } = scene.computer;
  const { runId } = await client.call('rollback.start', {
    point: { volumeId: found.copy.volumeId, subvolumeId: found.copy.subvolumeId },
    isForced: true,
  });
  const done = await scene.computer.ended(runId);
  if (done.error) scene.judge.bad(`rollback: ${done.error.code} ${done.error.message}`);
  scene.computer.boot();
  scene.rolledBack.add(found.home.name);
  scene.judge.isRestored(found.uuid, found.home, 'rolled back');
  return `rolled ${found.home.name} back to ${found.point.name}`;
}

export async function rollBackByHand(scene: Scene): Promise<string> {
  const found = await copyOf(scene);
  if (found === undefined || found.copy.place !== 'local') return 'nothing to roll back to by hand';
  const { home, copy } = found;
  scene.byHand += 1;
  scene.computer.atTop(scene.computer.laptop, (top) => {
    const old = `${home.subvolume}.old-${scene.byHand}`;
    renameSync(join(top, home.subvolume), join(top, old));
    const path = copy.path.startsWith(`${home.subvolume}/`)
      ? `${old}${copy.path.slice(home.subvolume.length)}`
      : copy.path;
    run('btrfs', ['subvolume', 'snapshot', join(top, path), join(top, home.subvolume)]);
  });
  scene.computer.boot();
  scene.untold.add(home.name);
  scene.judge.isRestored(found.uuid, home, 'rolled back by hand');
  return `rolled ${home.name} back by hand to ${found.point.name}`;
}

export async function deleteByHand(scene: Scene): Promise<string> {
  const found = await copyOf(scene);
  if (found === undefined || found.copy.place !== 'local') return 'nothing to delete by hand';
  scene.computer.atTop(scene.computer.laptop, (top) => {
    run('btrfs', ['subvolume', 'delete', join(top, found.copy.path)]);
  });
  return `deleted ${found.copy.path} by hand`;
}

export function deleteOnDrive(scene: Scene): string {
  const here = scene.computer.drives.filter(
    ({ device, filesystem }) => device !== undefined && filesystem === 'btrfs',
  );
  if (here.length === 0) return 'no drive to delete on';
  const drive = scene.random.pick(here);
  return scene.computer.atTop(drive.device!, (top) => {
    const all = snapshotsAt(top).filter(({ receivedUuid }) => receivedUuid !== null);
    if (all.length === 0) return `nothing on ${drive.name} to delete`;
    const one = scene.random.pick(all);
    run('btrfs', ['subvolume', 'delete', join(top, one.path)]);
    return `deleted ${one.path} on ${drive.name}`;
  });
}

export async function restoreInPlace(scene: Scene): Promise<string> {
  const found = await copyOf(scene);
  if (found === undefined) return 'nothing to restore';
  const { client } = scene.computer;
  const point = { volumeId: found.copy.volumeId, subvolumeId: found.copy.subvolumeId };
  const { entries } = await client.call('directory.list', {
    ...point,
    path: '',
    offset: 0,
    limit: 100,
  });
  const names = entries.filter((one) => one.name !== '.dendro');
  if (names.length === 0) return 'an empty point';
  const { name } = scene.random.pick(names);
  const clash = scene.random.pick(['keep-both', 'replace', 'skip'] as const);
  const { runId } = await client.call('restore.start', {
    point,
    paths: [name],
    destination: { kind: 'original' },
    clash,
  });
  const done = await scene.computer.ended(runId);
  if (done.error) scene.judge.bad(`restore: ${done.error.code} ${done.error.message}`);
  const truth = scene.judge.truths.get(found.uuid);
  if (truth !== undefined && clash === 'replace' && done.error === null) {
    const now = describeTree(found.home.folder);
    for (const [path, words] of truth.words) {
      const isIn = path === name || path.startsWith(`${name}/`);
      if (!isIn || /"links":"[^1]/.test(words)) continue;
      if (now.get(path) !== words)
        scene.judge.bad(
          `restored ${path}: ${words.slice(0, 400)} | ${now.get(path)?.slice(0, 400)}`,
        );
    }
  }
  return `restored ${JSON.stringify(name)} of ${found.home.name} from ${found.copy.volumeName} ${found.point.name}, ${clash}`;
}

export async function restoreUndone(scene: Scene): Promise<string> {
  const found = await copyOf(scene);
  if (found === undefined) return 'nothing to restore and undo';
  const { client } = scene.computer;
  const point = { volumeId: found.copy.volumeId, subvolumeId: found.copy.subvolumeId };
  const before = describeTree(found.home.folder);
  const { runId } = await client.call('restore.start', {
    point,
    paths: [''],
    destination: { kind: 'folder', path: found.home.folder },
    clash: 'keep-both',
  });
  const done = await scene.computer.ended(runId);
  if (done.error) scene.judge.bad(`restore: ${done.error.code} ${done.error.message}`);
  else {
    const made = done.result?.path;
    const truth = scene.judge.truths.get(found.uuid);
    if (truth !== undefined && typeof made === 'string') {
      const wrong = differences(truth.words, describeTree(made));
      if (wrong.length > 0) scene.judge.bad(`restored as a whole: ${wrong.join('; ')}`);
    }
    await client.call('restore.undo', { runId });
    const wrong = differences(before, describeTree(found.home.folder)).filter(
      (text) => !text.startsWith('/: '),
    );
    if (wrong.length > 0) scene.judge.bad(`undone: ${wrong.join('; ')}`);
  }
  return `restored all of ${found.home.name} from ${found.copy.volumeName} ${found.point.name}, and undid it`;
}

export async function tag(scene: Scene): Promise<string> {
  const found = await copyOf(scene);
  if (found === undefined) return 'nothing to tag';
  const truth = scene.judge.truths.get(found.uuid);
  if (truth === undefined) return 'nothing known to tag';
  truth.tag = !truth.tag;
  await scene.computer.client.call('points.tag', {
    pointId: found.point.pointId,
    tag: truth.tag ? 'kept' : null,
  });
  return `tagged ${found.point.name} ${truth.tag}`;
}

export async function restart(scene: Scene): Promise<string> {
  await scene.computer.stop();
  scene.computer.start();
  return 'restarted';
}

export async function loseHistory(scene: Scene): Promise<string> {
  await scene.computer.stop();
  for (const name of readdirSync(scene.computer.work)) {
    if (name.startsWith('history.sqlite') || name.startsWith('catalogue'))
      rmSync(join(scene.computer.work, name), { recursive: true });
  }
  scene.computer.start();
  for (const truth of scene.judge.truths.values()) truth.tag = false;
  for (const drive of scene.computer.drives) {
    if (drive.device !== undefined)
      await scene.computer.client.call('drives.mount', { driveId: drive.id });
  }
  for (const name of scene.untold) scene.judge.cut.add(name);
  const drafts = scene.plans;
  scene.plans = [];
  for (const { draft, homes } of drafts) {
    const volumes = await scene.computer.client.call('volumes.list', {});
    const { volumeId } = volumes.find((one) => one.label === scene.computer.label)!;
    const found = await scene.computer.client.call('subvolumes.list', { volumeId });
    const sources = draft.sources.map((source) => ({
      ...source,
      subvolumeId: found.find(({ path }) => path === source.path)!.subvolumeId,
    }));
    const { planId } = await scene.computer.client.call('plans.create', { ...draft, sources });
    scene.plans.push({ planId, draft: { ...draft, sources }, homes });
  }
  return 'lost the history';
}

export function snapshotByHand(scene: Scene): string {
  const home = scene.random.pick(scene.computer.homes);
  scene.byHand += 1;
  const name = `by-hand-${scene.byHand}`;
  scene.computer.atTop(scene.computer.laptop, (top) => {
    run('btrfs', ['subvolume', 'snapshot', '-r', join(top, home.subvolume), join(top, name)]);
  });
  return `snapshot ${name} of ${home.name}`;
}

export function moveBackups(scene: Scene): string {
  const here = scene.computer.drives.filter(
    ({ device, filesystem }) => device !== undefined && filesystem === 'btrfs',
  );
  if (here.length === 0) return 'no drive to move on';
  const drive = scene.random.pick(here);
  return scene.computer.atTop(drive.device!, (top) => {
    if (!existsSync(join(top, 'backups'))) return `nothing on ${drive.name} to move`;
    const to = `moved-${scene.judge.log.length}`;
    renameSync(join(top, 'backups'), join(top, to));
    return `moved what is on ${drive.name} to ${to}`;
  });
}

/** The old one broke; a new one, and the plans go there instead. */
export async function replaceDrive(scene: Scene): Promise<string> {
  const old = scene.random.pick(scene.computer.drives);
  if (old.device !== undefined) await scene.computer.unplug(old);
  scene.computer.drives.splice(scene.computer.drives.indexOf(old), 1);
  const fresh = scene.computer.addDrive(
    `${old.name.split('-')[0]}-${scene.judge.log.length}`,
    old.filesystem,
  );
  await scene.computer.client.call('drives.mount', { driveId: fresh.id });
  for (const plan of scene.plans) {
    if (!plan.draft.targets.some((target) => isOn(target, old))) continue;
    await changePlan(scene, plan, {
      targets: plan.draft.targets.map((target) =>
        isOn(target, old) ? targetOn(scene, fresh) : target,
      ),
    });
  }
  return `replaced ${old.name} by ${fresh.name}`;
}

/** A copy with dd takes the old one's place. */
export async function cloneDrive(scene: Scene): Promise<string> {
  const drive = scene.random.pick(scene.computer.drives);
  const wasHere = drive.device !== undefined;
  if (wasHere) await scene.computer.unplug(drive);
  const copy = `${drive.image}-copy`;
  run('cp', ['--sparse=always', drive.image, copy]);
  rmSync(drive.image);
  renameSync(copy, drive.image);
  if (wasHere) scene.computer.plug(drive);
  await scene.computer.client.call('drives.list', {});
  return `${drive.name} is a copy of itself`;
}

export function pruneArchive(scene: Scene): string {
  const drive = scene.computer.drives.find(
    ({ device, filesystem }) => device !== undefined && filesystem === 'ext4',
  );
  if (drive === undefined) return 'no archive to prune';
  return atDrive(scene.computer, drive, (folder) => {
    const points = archivePoints(folder);
    if (points.length < 3) return 'an archive too small to prune';
    const one = scene.random.pick(points);
    if (scene.judge.truths.get(plain(one.uuid))?.tag) return 'tagged';
    const verb = scene.random.chance(0.5)
      ? ['prune', one.folder, one.name]
      : ['synthetic-full', one.folder, one.name];
    const { status, stderr } = run(dendro, ['archive', ...verb], {
      accept: [0, 1, 2, 3, 4, 5, 6, 7, 70],
    });
    if (status > 1 && status !== 6)
      scene.judge.bad(`archive ${verb[0]}: ${status} ${stderr.slice(0, 300)}`);
    return `archive ${verb[0]} ${one.name}: ${status}`;
  });
}

export async function search(scene: Scene): Promise<string> {
  return `searched ${await scene.judge.checkSearch()} files`;
}
