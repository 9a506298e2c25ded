import { join } from 'node:path';
import type { PlanDraft } from '../../shared/model/plan.ts';
import type { Run } from '../../shared/model/run.ts';
import type { Source } from '../../shared/model/subvolume.ts';
import { textOf } from '../../shared/said.ts';
import { isOn, type Home } from './computer.ts';
import type { PlanHere, Scene } from './scene.ts';
import {
  archivePoints,
  atDrive,
  describeTree,
  differences,
  differencesOfCopy,
  plain,
  restoredWords,
  snapshotsAt,
  without,
  type Truth,
  type Words,
} from './truths.ts';

/** Whole copies by their uuids without dashes, each with its path, by the place where they are. */
export type Everything = Map<string, Map<string, string>>;

/** What is true of a computer and its drives, as far as this program knows, and what is told instead. */
export class Judge {
  /** What was done, a line each. */
  readonly log: string[] = [];
  readonly wrong: string[] = [];
  /** By the uuid of the snapshot. */
  readonly truths = new Map<string, Truth>();
  /** Homes of which the history is lost that told what took whose place. */
  readonly cut = new Set<string>();
  readonly #scene: Scene;
  readonly #say: (text: string) => void;

  constructor(scene: Scene, say: (text: string) => void) {
    this.#scene = scene;
    this.#say = say;
  }

  note(text: string): void {
    this.log.push(text);
    this.#say(text);
  }

  bad(text: string): void {
    this.wrong.push(`after ${this.log.length} deeds (${this.log.at(-1)}): ${text}`);
    this.#say(`  WRONG ${text}`);
  }

  failuresOf(runs: readonly Run[]): void {
    for (const { kind, title, error, notes } of runs) {
      if (error !== null) this.bad(`${kind} ${textOf(title)}: ${error.code}: ${error.message}`);
      for (const one of notes) this.note(`  note: ${textOf(one)}`);
    }
  }

  /** All whole copies that there are, by what the kernel and the command line say. */
  everything(): Everything {
    const computer = this.#scene.computer;
    const found = new Map<string, Map<string, string>>();
    found.set(
      'local',
      computer.atTop(
        computer.laptop,
        (top) =>
          new Map(
            snapshotsAt(top).map(({ uuid, receivedUuid, path }) => [
              plain(receivedUuid ?? uuid),
              path,
            ]),
          ),
      ),
    );
    for (const drive of computer.drives) {
      if (drive.device === undefined) continue;
      found.set(
        drive.name,
        drive.filesystem === 'btrfs'
          ? computer.atTop(
              drive.device,
              (top) =>
                new Map(
                  snapshotsAt(top).flatMap(({ receivedUuid, path }) =>
                    receivedUuid === null ? [] : [[plain(receivedUuid), path] as const],
                  ),
                ),
            )
          : atDrive(
              computer,
              drive,
              (folder) =>
                new Map(
                  archivePoints(folder)
                    .filter(({ isRestorable }) => isRestorable)
                    .map(({ uuid, name }) => [plain(uuid), name]),
                ),
            ),
      );
    }
    return found;
  }

  /** Each home that the plan is for has exactly one snapshot more, the same as what stands there. */
  learn(
    live: ReadonlyMap<string, Words> | undefined,
    before: Everything,
    after: Everything,
    plan: PlanHere,
  ): void {
    const computer = this.#scene.computer;
    const fresh = [...after.get('local')!].filter(([uuid]) => !before.get('local')!.has(uuid));
    const taken = new Set<string>();
    computer.atTop(computer.laptop, (top) => {
      for (const [uuid, path] of fresh) {
        const words = describeTree(join(top, path));
        const home = plan.homes.find(({ subvolume }) =>
          path.split('/').at(-1)!.startsWith(`${subvolume}.`),
        );
        if (home === undefined) {
          this.bad(`a snapshot of nothing that the plan is for: ${path}`);
          continue;
        }
        taken.add(home.name);
        const wrong = live === undefined ? [] : differences(live.get(home.name)!, words);
        if (wrong.length > 0)
          this.bad(`snapshot ${path} is not what was there: ${wrong.join('; ')}`);
        const name = path.split('/').at(-1)!;
        const rest = { takenAtMs: Date.now(), words, excludes: [], tag: false };
        this.truths.set(uuid, { uuid, of: uuid, name, home: home.name, ...rest });
      }
    });
    this.#learnForms(after);
    // Where nothing changed since the last point no new one has to be made.
    for (const home of plan.homes) {
      if (taken.has(home.name) || live === undefined) continue;
      const newest = [...this.truths.values()].filter((one) => one.home === home.name).at(-1);
      if (newest === undefined || differences(newest.words, live.get(home.name)!).length > 0) {
        this.bad(`no snapshot of ${home.name}, which has changed`);
      }
    }
  }

  /** What lacks some paths is another snapshot to whoever receives it; its name stays. */
  #learnForms(after: Everything): void {
    const excludes = this.#scene.excludes;
    if (excludes.length === 0) return;
    const byName = new Map(
      [...this.truths.values()].flatMap((truth) =>
        truth.of === truth.uuid ? [[truth.name, truth] as const] : [],
      ),
    );
    for (const [place, points] of after) {
      if (place === 'local') continue;
      for (const [uuid, path] of points) {
        const truth = byName.get(path.split('/').at(-1)!);
        if (truth === undefined || this.truths.has(uuid)) continue;
        this.truths.set(uuid, { ...truth, uuid, words: without(truth.words, excludes), excludes });
      }
    }
  }

  /** What a rule keeps stays; what nobody but a person may take stays, too. */
  judgeRules(before: Everything, after: Everything, plan: PlanHere, isOneOfMany = false): void {
    for (const [place, points] of after) {
      const was = before.get(place)!;
      for (const home of this.#scene.computer.homes) {
        const of = (uuids: Iterable<string>): string[] =>
          [...uuids]
            .filter((uuid) => this.truths.get(uuid)?.home === home.name)
            .sort(
              (one, other) => this.truths.get(one)!.takenAtMs - this.truths.get(other)!.takenAtMs,
            );
        const keeps = this.#scene.plans
          .filter(({ homes }) => homes.includes(home))
          .flatMap(({ draft }) => this.keepAt(draft, place));
        const all = of(new Set([...was.keys(), ...points.keys()]));
        const least = keeps.length === 0 ? all.length : Math.max(...keeps);
        const must = [
          ...all.slice(Math.max(0, all.length - least)),
          ...all.filter((uuid) => this.#isTagged(uuid)),
        ];
        for (const uuid of must) {
          if (!points.has(uuid))
            this.bad(
              `${place}: ${was.get(uuid)} of ${home.name} is gone, though the rules keep ${least}`,
            );
        }
        const isOfPlan = plan.homes.includes(home) && this.keepAt(plan.draft, place).length > 0;
        const now = of(points.keys());
        if (!isOfPlan) {
          if (!isOneOfMany && now.length < of(was.keys()).length)
            this.bad(`${place}: ${plan.draft.name} is not for ${home.name} there, and took some`);
          continue;
        }
        const tagged = now.filter((uuid) => this.#isTagged(uuid)).length;
        if (place !== 'stick' && now.length > least + tagged + 4)
          this.bad(
            `${place}: ${now.length} points of ${home.name} stay, though rules keep ${least}`,
          );
        const newest = this.truths.get(of(this.truths.keys()).at(-1)!)!.of;
        if (!now.some((uuid) => this.truths.get(uuid)!.of === newest))
          this.bad(`${place}: the newest of ${home.name} is not there`);
      }
      for (const [uuid, path] of was) {
        if (!this.truths.has(uuid) && !points.has(uuid))
          this.bad(`${place}: ${path}, made by a person, is gone`);
      }
    }
  }

  #isTagged(uuid: string): boolean {
    return this.truths.get(this.truths.get(uuid)!.of)!.tag;
  }

  keepAt(draft: PlanDraft, place: string): number[] {
    if (place === 'local') return [draft.keepLocal.latest];
    const drive = this.#scene.computer.drives.find(({ name }) => name === place)!;
    return draft.targets.flatMap((target) => (isOn(target, drive) ? [target.keep.latest] : []));
  }

  async sources(): Promise<Map<string, Source>> {
    const sources = await this.#scene.computer.client.call('sources.list', {});
    return new Map(
      this.#scene.computer.homes.flatMap((home) => {
        const found = sources.filter(
          ({ name, volumeName }) =>
            name === home.subvolume && volumeName === this.#scene.computer.label,
        );
        if (found.length > 1) this.bad(`${found.length} sources are called ${home.subvolume}`);
        return found[0] ? [[home.name, found[0]] as const] : [];
      }),
    );
  }

  /** What is there is listed, what is listed is there, and each under its source. */
  async check(): Promise<void> {
    const computer = this.#scene.computer;
    const sources = await this.sources();
    const there = this.everything();
    for (const home of computer.homes) {
      const source = sources.get(home.name);
      if (source === undefined) {
        this.bad(`${home.name} is no source`);
        continue;
      }
      const listed = new Map(source.points.map((point) => [plain(point.pointId), point]));
      for (const [place, points] of there) {
        const drive = computer.drives.find(({ name }) => name === place);
        for (const [uuid, path] of points) {
          const truth = this.truths.get(uuid);
          if (truth?.home !== home.name) continue;
          const copies = listed.get(truth.of)?.copies ?? [];
          const has = copies.some(
            (copy) =>
              copy.present &&
              String(copy.excludes ?? []) === String(truth.excludes) &&
              (drive === undefined
                ? copy.place === 'local'
                : copy.volumeId === drive.id || copy.volumeId.includes(drive.id)),
          );
          if (!has && !this.cut.has(home.name))
            this.bad(`${place}: ${path} of ${home.name} is there and not listed`);
        }
      }
      for (const [uuid, point] of listed) {
        for (const copy of point.copies) {
          if (!copy.present) continue;
          const drive = computer.drives.find(
            ({ id }) => copy.volumeId === id || copy.volumeId.includes(id),
          );
          const place = copy.place === 'local' ? 'local' : drive?.name;
          const points = place === undefined ? undefined : there.get(place);
          if (points === undefined)
            this.bad(
              `${home.name}: ${point.name} is listed on ${copy.volumeName}, which is not here`,
            );
          else if (![...points.keys()].some((one) => (this.truths.get(one)?.of ?? one) === uuid))
            this.bad(`${home.name}: ${point.name} is listed at ${place}, and is not there`);
        }
        const truth = this.truths.get(uuid);
        if (truth && truth.home !== home.name)
          this.bad(`${point.name} of ${truth.home} is listed as of ${home.name}`);
        if (truth && Boolean(point.tag) !== truth.tag)
          this.bad(`${point.name}: tag ${point.tag}, and not ${truth.tag}`);
        if (truth && Math.abs(truth.takenAtMs - point.takenAtMs) > 600_000)
          this.bad(
            `${point.name}: taken ${new Date(point.takenAtMs).toISOString()} and not ${new Date(truth.takenAtMs).toISOString()}`,
          );
      }
    }
    const { runs } = await computer.client.call('runs.list', { limit: 50 });
    for (const one of runs) if (one.error?.kind === 'Bug') this.bad(`defect: ${one.error.message}`);
    await this.#lookAtOne(there);
  }

  /** One copy, chosen at random, in full. */
  async #lookAtOne(there: Everything): Promise<void> {
    const all = [...there]
      .flatMap(([place, points]) => [...points].map(([uuid, path]) => ({ place, uuid, path })))
      .filter(({ uuid }) => this.truths.has(uuid));
    if (all.length === 0) return;
    this.#compare(this.#scene.random.pick(all));
  }

  async lookAtAll(): Promise<void> {
    for (const drive of this.#scene.computer.drives)
      if (drive.device === undefined) this.#scene.computer.plug(drive);
    await this.#scene.computer.client.call('drives.list', {});
    this.note('at the end');
    await this.check();
    for (const [place, points] of this.everything()) {
      for (const [uuid, path] of points)
        if (this.truths.has(uuid)) this.#compare({ place, uuid, path });
    }
  }

  #compare({ place, uuid, path }: { place: string; uuid: string; path: string }): void {
    const computer = this.#scene.computer;
    const truth = this.truths.get(uuid)!;
    const drive = computer.drives.find(({ name }) => name === place);
    const device = drive === undefined ? computer.laptop : drive.device!;
    try {
      const words =
        drive?.filesystem === 'ext4'
          ? atDrive(computer, drive, (folder) =>
              restoredWords(
                computer,
                archivePoints(folder).find((one) => plain(one.uuid) === uuid)!,
              ),
            )
          : computer.atTop(device, (top) => describeTree(join(top, path)));
      const wrong = differencesOfCopy(truth.words, words, truth.excludes);
      if (wrong.length > 0)
        this.bad(`${place}: ${path} is not what was backed up: ${wrong.join('; ')}`);
    } catch (error) {
      this.bad(`${place}: ${path}: ${(error as Error).message.slice(0, 600)}`);
    }
  }

  isRestored(uuid: string, home: Home, how: string): void {
    const truth = this.truths.get(uuid);
    if (truth === undefined) return;
    const wrong = differences(truth.words, describeTree(home.folder));
    if (wrong.length > 0) this.bad(`${how}: ${wrong.join('; ')}`);
  }

  isCopied(words: Words, home: Home, excludes: readonly string[]): void {
    const wrong = differencesOfCopy(words, describeTree(home.folder), excludes);
    if (wrong.length > 0) this.bad(`got back: ${wrong.join('; ')}`);
  }

  /** What the newest point has is found; what is found there was, and is told as gone when it is. */
  async checkSearch(): Promise<number> {
    const { client, homes } = this.#scene.computer;
    await client.call('catalogue.update', {});
    let total = 0;
    for (const [name, { uuid, points }] of await this.sources()) {
      const newest = points[0] && this.truths.get(plain(points[0].pointId));
      if (uuid === null || newest === undefined) continue;
      const home = homes.find((one) => one.name === name)!;
      const { entries } = await client.call('catalogue.find', {
        ...{ text: '', minBytes: 0, filesOnly: true, sourceUuid: uuid, limit: 10_000 },
      });
      total += entries.length;
      const here = new Set(entries.flatMap((one) => (one.isDeleted ? [] : [one.path])));
      for (const [path, words] of newest.words) {
        if (isRegular(words) && isPlainName(path) && !here.has(path))
          this.bad(`search: ${home.name}/${path} is not found`);
      }
      for (const path of here) {
        if (isPlainName(path) && !newest.words.has(path))
          this.bad(`search: ${home.name}/${path} is told as there`);
      }
    }
    return total;
  }
}

const isRegular = (words: string): boolean => words.includes('"sha256"');
/** Others are written in another way in the one and in the other. */
const isPlainName = (path: string): boolean => /^[ -[\]-~]*$/.test(path);
