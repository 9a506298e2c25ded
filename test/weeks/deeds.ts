import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { RestorePoint } from '../../shared/model/subvolume.ts';
import { dendro } from '../harness/dendro.ts';
import { run } from '../harness/run.ts';
import { isOn, type Home } from './computer.ts';
import { changePlan, targetOn } from './plan-deeds.ts';
import type { Scene } from './scene.ts';
import {
  archivePoints,
  atDrive,
  describeTree,
  differences,
  differencesOfCopy,
  plain,
  snapshotsAt,
  without,
  type Words,
} from './truths.ts';

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

type Copy = RestorePoint['copies'][number];

/** What is encrypted asks a person for the key. */
function canRead(scene: Scene, copy: Copy): boolean {
  const drive = scene.computer.drives.find(({ id }) => copy.volumeId.includes(id));
  return drive?.filesystem !== 'ext4' || scene.computer.recipients.length === 0;
}

/** What a copy is to hold. */
function wordsOf(scene: Scene, uuid: string, { excludes = [] }: Copy): Words {
  return without(scene.judge.truths.get(uuid)!.words, excludes);
}

async function copyOf(
  scene: Scene,
): Promise<{ uuid: string; home: Home; point: RestorePoint; copy: Copy } | undefined> {
  const sources = await scene.judge.sources();
  const home = scene.random.pick(scene.computer.homes);
  const copies = (sources.get(home.name)?.points ?? []).flatMap((point) =>
    point.copies
      .filter((copy) => copy.present && canRead(scene, copy))
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
  putBackByHand(scene, found);
  scene.judge.isRestored(found.uuid, found.home, 'rolled back by hand');
  return `rolled ${found.home.name} back by hand to ${found.point.name}`;
}

/** By hand, with nobody looking in between. */
export async function rollBackTwice(scene: Scene): Promise<string> {
  const first = await copyOf(scene);
  const second = await copyOf(scene);
  const isLocal = [first, second].every((one) => one?.copy.place === 'local');
  if (!isLocal || first === undefined || second === undefined || first.home !== second.home)
    return 'nothing to roll back to twice';
  const { home } = first;
  const isAwake = scene.random.chance(0.5);
  if (!isAwake) await scene.computer.stop();
  const name = home.subvolume;
  const aside = putBackByHand(scene, first);
  const isMoved = second.copy.path.startsWith(`${name}/`);
  home.tree.edit(5);
  putBackByHand(
    scene,
    second,
    isMoved ? `${aside}${second.copy.path.slice(name.length)}` : undefined,
  );
  if (!isAwake) {
    scene.computer.start();
    await scene.computer.ready();
  }
  scene.judge.isRestored(second.uuid, home, 'rolled back twice');
  return `rolled ${home.name} back to ${first.point.name} and then to ${second.point.name}, awake ${isAwake}`;
}

/** @param path of the snapshot now, where the one before has moved it. @returns what was put aside. */
function putBackByHand(
  scene: Scene,
  { home, copy }: { home: Home; copy: Copy },
  path = copy.path,
): string {
  scene.byHand += 1;
  const old = `${home.subvolume}.old-${scene.byHand}`;
  scene.computer.atTop(scene.computer.laptop, (top) => {
    renameSync(join(top, home.subvolume), join(top, old));
    const isBelow = path.startsWith(`${home.subvolume}/`);
    const now = isBelow ? `${old}${path.slice(home.subvolume.length)}` : path;
    run('btrfs', ['subvolume', 'snapshot', join(top, now), join(top, home.subvolume)]);
  });
  scene.computer.boot();
  scene.untold.add(home.name);
  return old;
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
    const linked = new Set([...truth.words, ...now].filter(hasLinks).map(([path]) => path));
    const under = (all: Words): Words =>
      new Map(
        [...all].filter(
          ([path]) => (path === name || path.startsWith(`${name}/`)) && !linked.has(path),
        ),
      );
    const words = under(wordsOf(scene, found.uuid, found.copy));
    const excludes = found.copy.excludes ?? [];
    const wrong = differencesOfCopy(words, under(now), excludes).filter(
      (text) => !text.endsWith('extra'),
    );
    if (wrong.length > 0) scene.judge.bad(`restored ${name}: ${wrong.join('; ')}`);
  }
  return `restored ${JSON.stringify(name)} of ${found.home.name} from ${found.copy.volumeName} ${found.point.name}, ${clash}`;
}

/** How many names a file has is not told by what lacks some of them. */
function hasLinks([, words]: readonly [string, string]): boolean {
  return /"links":"[^1]/.test(words);
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
      const words = wordsOf(scene, found.uuid, found.copy);
      const wrong = differencesOfCopy(words, describeTree(made), found.copy.excludes ?? []);
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
  scene.computer.loseHistory();
  scene.computer.start();
  await beginAnew(scene);
  for (const name of scene.untold) scene.judge.cut.add(name);
  return 'lost the history';
}

/** The computer's disk broke: what the drives have is restored onto a new one. */
export async function loseDisk(scene: Scene): Promise<string> {
  const { computer, judge } = scene;
  const sources = await judge.sources();
  const copies = computer.homes.map((home) =>
    (sources.get(home.name)?.points ?? [])
      .flatMap((point) => point.copies.map((copy) => ({ home, uuid: plain(point.pointId), copy })))
      .find(
        ({ uuid, copy }) =>
          copy.present && copy.place !== 'local' && canRead(scene, copy) && judge.truths.has(uuid),
      ),
  );
  if (copies.some((copy) => copy === undefined))
    return 'no disk to lose: not all of it is backed up';
  await computer.stop();
  await computer.replaceDisk();
  computer.start();
  await beginAnew(scene);
  for (const one of copies) {
    const { home, uuid, copy } = one!;
    judge.cut.add(home.name);
    const { volumeId, subvolumeId } = copy;
    const all = [...wordsOf(scene, uuid, copy)];
    // What restores had put aside when the point was taken.
    const words = new Map(all.filter(([path]) => !isPutAside(path.split('/')[0]!)));
    const names = [...new Set([...words.keys()].map((path) => path.split('/')[0]!))];
    const { runId } = await computer.client.call('restore.start', {
      point: { volumeId, subvolumeId },
      paths: names,
      destination: { kind: 'folder', path: home.folder },
      clash: 'replace',
    });
    const done = await computer.ended(runId);
    if (done.error) judge.bad(`restore: ${done.error.code} ${done.error.message}`);
    for (const name of readdirSync(home.folder))
      if (isPutAside(name)) rmSync(join(home.folder, name), { recursive: true });
    judge.isCopied(words, home, copy.excludes ?? []);
  }
  return 'lost the disk, and got all homes back from drives';
}

function isPutAside(name: string): boolean {
  return name.includes('(before restore)');
}

/** Nothing is known but what stands on the drives. */
async function beginAnew(scene: Scene): Promise<void> {
  for (const truth of scene.judge.truths.values()) truth.tag = false;
  for (const drive of scene.computer.drives) {
    if (drive.device !== undefined)
      await scene.computer.client.call('drives.mount', { driveId: drive.id });
  }
  const drafts = scene.plans;
  scene.plans = [];
  for (const { draft, homes } of drafts) {
    const volumes = await scene.computer.client.call('volumes.list', {});
    const { volumeId } = volumes.find((one) => one.label === scene.computer.label)!;
    const found = await scene.computer.client.call('subvolumes.list', { volumeId });
    const sources = homes.map(({ subvolume }) => {
      const { subvolumeId } = found.find(({ path }) => path === subvolume)!;
      return { volumeId, subvolumeId, path: subvolume, nested: false };
    });
    const { planId } = await scene.computer.client.call('plans.create', { ...draft, sources });
    scene.plans.push({ planId, draft: { ...draft, sources }, homes });
  }
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
    const key = one.isEncrypted ? ['--identity', scene.computer.identity] : [];
    const verb = scene.random.chance(0.5) ? 'prune' : 'synthetic-full';
    const { status, stderr } = run(dendro, ['archive', verb, ...key, one.folder, one.name], {
      accept: [0, 1, 2, 3, 4, 5, 6, 7, 70],
    });
    if (status > 1 && status !== 6)
      scene.judge.bad(`archive ${verb}: ${status} ${stderr.slice(0, 300)}`);
    return `archive ${verb} ${one.name}: ${status}`;
  });
}

export async function search(scene: Scene): Promise<string> {
  return `searched ${await scene.judge.checkSearch()} files`;
}
