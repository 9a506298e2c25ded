import { spawn, type ChildProcess } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { listArchive } from '../../main/archive/verbs/list-points.ts';
import { verifyArchive } from '../../main/archive/verify/verify-archive.ts';
import type { Secrets } from '../../main/archive/folder/keys.ts';
import { EXIT } from '../../main/cli/exit-codes.ts';
import { dendro, ENTRY } from '../cli/dendro.ts';
import { makeBtrfs } from '../harness/loop.ts';
import { Random } from '../harness/random.ts';
import { run } from '../harness/run.ts';
import type { ForeignDisk } from '../receive/foreign-filesystem.ts';
import { context, exportSnapshot, wrongFiles, type Chain } from './archive-harness.ts';
import {
  besides,
  DangerDrives,
  DRIVE_FAULTS,
  fillUp,
  makeRoom,
  type DriveFault,
} from './danger-drives.ts';
import {
  chooseMoment,
  chooseRoom,
  mostGrown,
  reached,
  writingSeen,
  type Course,
  type Moment,
} from './danger-moment.ts';

const POINTS = 3;
/** What purge takes away: a folder that every point has. */
const PURGED = 'random/';
const LARGE_BYTES = 4 << 20;
const HANGS_MS = 120_000;

/** A command that is killed, and what must be there afterwards whatever the moment was. */
interface Deed {
  readonly name: string;
  /** Points that the archive holds before. */
  readonly before: number;
  readonly command: (folder: string) => string[];
  /** Names that must be there and whole after the kill. */
  readonly mustStay: readonly string[];
  /** Names that are there once the command was run again. */
  readonly after: readonly string[];
}

export interface Struck {
  readonly wasFinished: boolean;
  readonly leftover: boolean;
}

/** What ends a command in the middle. */
export const HOWS = ['kill', ...DRIVE_FAULTS] as const;
export type How = (typeof HOWS)[number];

/** Kills commands that change an archive at random moments; see `strike`. */
export class ArchiveDanger {
  readonly deeds: readonly Deed[];
  readonly #chain: Chain = makeSmallChain();
  readonly #folder: string;
  readonly #identity: string;
  readonly #recipient: string;
  readonly #random: Random;
  readonly #courses = new Map<string, Course>();
  readonly #drives = new DangerDrives();
  /** Sentences that commands ended with, without what differs each time. */
  readonly told = new Map<string, number>();

  private constructor(seed: number) {
    this.#random = new Random(seed);
    this.#folder = join(this.#chain.source.dir, 'danger');
    mkdirSync(this.#folder);
    this.#identity = join(this.#folder, 'key.txt');
    run('age-keygen', ['-o', this.#identity]);
    const key = readFileSync(this.#identity, 'utf8');
    this.#recipient = /public key: (age1\w+)/.exec(key)![1]!;
    this.deeds = this.#allDeeds();
  }

  static async begin(seed: number): Promise<ArchiveDanger> {
    const danger = new ArchiveDanger(seed);
    for (const kind of ['plain', 'sealed']) {
      for (let count = 0; count < POINTS; count += 1) await danger.#prepare(kind, count);
    }
    return danger;
  }

  /** Also in the middle of a strike: what runs on the drive is killed. May be called twice. */
  close(): void {
    for (const child of running) child.kill('SIGKILL');
    this.#drives.close();
    this.#chain.source.close();
  }

  /**
   * Kills the command at a random moment, or something happens to the drive that the archive is on.
   * What was whole is whole, and nothing that is half looks whole; the same command run again comes to its end;
   * leftovers can be removed.
   */
  async strike(deed: Deed, kind: 'plain' | 'sealed', how: How = 'kill'): Promise<Struck> {
    const drive = how === 'kill' ? undefined : this.#drives.next(how);
    const folder = join(drive?.dir ?? this.#folder, 'struck');
    rmSync(folder, { recursive: true, force: true });
    if (deed.before > 0) cpSync(this.#base(kind, deed.before), folder, { recursive: true });
    const command = this.#commandOf(deed, kind, folder);
    const course = await this.#courseOf(deed, kind);
    const moment = chooseMoment(course, this.#random);
    if (how === 'full') fillUp(drive!, chooseRoom(course, this.#random));
    const wasFinished = await (drive === undefined || how === 'kill'
      ? killedAt(moment, command, folder)
      : this.#struckAt(moment, command, folder, { drive, fault: how }));
    const leftover = existsSync(folder) && unfinished(folder).length > 0;
    if (existsSync(join(folder, 'manifest.json')) || deed.before > 0) {
      // What was said to be done is on the disk.
      await this.#look(folder, kind, wasFinished ? deed.after : deed.mustStay);
    }
    const again = dendro(command);
    // A purge that was through before the kill came finds nothing any more, and says so.
    const isDone = again.status === 0 || (deed.name === 'purge' && again.status === EXIT.no);
    if (!isDone) throw new Error(`${deed.name}, again: ${again.stderr.toString()}`);
    await this.#look(folder, kind, deed.after);
    const tidied = dendro(['archive', 'prune', folder, '--latest', '99', '--unfinished']);
    if (tidied.status !== 0) throw new Error(`tidying: ${tidied.stderr.toString()}`);
    const rest = unfinished(folder);
    if (rest.length > 0) throw new Error(`${deed.name} left ${rest.join()}`);
    if (deed.name !== 'purge') await this.#compare(folder, kind, deed.after.at(-1)!);
    return { wasFinished, leftover };
  }

  /** The command ends by itself, and says why in a sentence. True when it came to its end before. */
  async #struckAt(
    moment: Moment,
    args: readonly string[],
    folder: string,
    { drive, fault }: { readonly drive: ForeignDisk; readonly fault: DriveFault },
  ): Promise<boolean> {
    if (fault === 'pull' || fault === 'read-only') drive.mountAnew();
    const { child, ended, said } = begun(args);
    if (fault !== 'full') await reached(moment, folder, ended);
    if (fault === 'pull') drive.cutOff();
    if (fault === 'read-only') drive.makeReadOnly();
    if (fault === 'unmount') drive.unmountPulled();
    const timer = setTimeout(() => child.kill('SIGKILL'), HANGS_MS);
    const status = await ended;
    clearTimeout(timer);
    const strays = fault === 'unmount' ? besides(drive) : [];
    if (fault === 'full') makeRoom(drive);
    else drive.plugIn();
    if (strays.length > 0) throw new Error(`beside the drive it made ${strays.join()}: ${said()}`);
    if (status === null) throw new Error(`it hung (${fault}): ${said()}`);
    if (status === EXIT.bug) throw new Error(`(${fault}) it said: ${said()}`);
    if (status !== 0) this.#tell(fault, said(), folder);
    return status === 0;
  }

  #tell(fault: DriveFault, said: string, folder: string): void {
    const sentence = `${fault}: ${said.replaceAll(folder, 'FOLDER').replace(/\d+/g, 'N')}`;
    this.told.set(sentence, (this.told.get(sentence) ?? 0) + 1);
  }

  async #look(folder: string, kind: string, names: readonly string[]): Promise<void> {
    const secrets = this.#secrets(kind);
    const { sources } = listArchive({ folder });
    const points = sources.flatMap((source) => source.points);
    const missing = names.filter((name) => !points.some((point) => point.name === name));
    if (missing.length > 0) throw new Error(`${missing.join()} is not there any more`);
    const verdict = await verifyArchive({ folder, secrets, level: 'full' }, context());
    const spoilt = verdict.problems.filter(({ code }) => code !== 'not-listed');
    if (spoilt.length > 0 || verdict.wholePoints !== points.length) {
      throw new Error(`not whole: ${JSON.stringify(spoilt)}`);
    }
  }

  /** Every file of a point with the snapshot itself. */
  async #compare(folder: string, kind: string, name: string): Promise<void> {
    const snapshot = this.#chain.snapshots[Number(name.slice('snap.'.length))]!;
    const wrong = await wrongFiles(folder, name, snapshot, this.#secrets(kind));
    if (wrong.length > 0) throw new Error(`${name}: ${wrong.join()}`);
  }

  #commandOf(deed: Deed, kind: string, folder: string): string[] {
    const command = deed.command(folder);
    if (kind === 'plain') return command;
    const isNew = deed.before === 0;
    return [...command, ...(isNew ? ['-r', this.#recipient] : ['-i', this.#identity])];
  }

  async #courseOf(deed: Deed, kind: string): Promise<Course> {
    const key = `${deed.name} ${kind}`;
    let known = this.#courses.get(key);
    if (known === undefined) {
      const folder = join(this.#folder, 'timed');
      rmSync(folder, { recursive: true, force: true });
      if (deed.before > 0) cpSync(this.#base(kind, deed.before), folder, { recursive: true });
      const began = performance.now();
      const { ended } = begun(this.#commandOf(deed, kind, folder));
      await writingSeen(folder, ended);
      const startMs = performance.now() - began;
      const needsBytes = await mostGrown(folder, ended);
      known = { startMs, writingMs: performance.now() - began - startMs, needsBytes };
      this.#courses.set(key, known);
    }
    return known;
  }

  async #prepare(kind: string, last: number): Promise<void> {
    const folder = this.#base(kind, last + 1);
    if (last > 0) cpSync(this.#base(kind, last), folder, { recursive: true });
    const encryption = kind === 'sealed' ? { recipients: [this.#recipient] } : {};
    await exportSnapshot(this.#chain.snapshots[last]!, folder, { encryption });
  }

  #base(kind: string, points: number): string {
    return join(this.#folder, `${kind}-${points}`);
  }

  #secrets(kind: string): Secrets {
    return kind === 'plain' ? {} : { identities: [readFileSync(this.#identity, 'utf8')] };
  }

  #allDeeds(): Deed[] {
    const { snapshots } = this.#chain;
    const names = snapshots.map((_, i) => `snap.${i}`);
    const all = { before: POINTS, mustStay: names, after: names };
    const stream = join(this.#folder, 'snap.2.btrfs');
    run('btrfs', ['-q', 'send', '-p', snapshots[1]!, '-f', stream, snapshots[2]!]);
    const archive = (verb: string, ...rest: string[]) => {
      return (folder: string): string[] => ['archive', verb, folder, ...rest];
    };
    return [
      {
        name: 'export in full',
        ...{ before: 0, command: archive('export', snapshots[0]!) },
        ...{ mustStay: [], after: names.slice(0, 1) },
      },
      {
        name: 'export of an increment',
        ...{ before: 2, command: archive('export', snapshots[2]!) },
        ...{ mustStay: names.slice(0, 2), after: names },
      },
      {
        name: 'import',
        ...{ before: 2, command: archive('import', stream, '--source', 'live') },
        ...{ mustStay: names.slice(0, 2), after: names },
      },
      { name: 'synthetic-full', command: archive('synthetic-full', 'snap.1'), ...all },
      {
        name: 'prune',
        ...{ before: POINTS, command: archive('prune', '--latest', '1') },
        ...{ mustStay: names.slice(2), after: names.slice(2) },
      },
      { name: 'purge', command: archive('purge', PURGED), ...all },
      { name: 'rebuild-index', command: archive('rebuild-index'), ...all },
    ];
  }
}

/** Small, that a moment is short, and hardly to be compressed, that it is no moment only. */
function makeSmallChain(): Chain {
  const source = makeBtrfs({ sizeMiB: 512 });
  const live = join(source.dir, 'live');
  run('btrfs', ['-q', 'subvolume', 'create', live]);
  mkdirSync(join(live, 'random'));
  const random = new Random(23);
  const snapshots = Array.from({ length: POINTS }, (_, round) => {
    for (let i = 0; i < 120; i += 1) {
      const name = join(live, i % 3 === 0 ? 'random' : '', `file-${i}`);
      if (random.chance(0.5)) writeFileSync(name, random.bytes(random.between(1, 9000)));
    }
    writeFileSync(join(live, `large-${round}`), random.bytes(LARGE_BYTES));
    const snapshot = join(source.dir, `snap.${round}`);
    run('btrfs', ['-q', 'subvolume', 'snapshot', '-r', live, snapshot]);
    return snapshot;
  });
  return { source, snapshots };
}

function unfinished(folder: string): string[] {
  return readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => /\.partial-|\.unfinished\.json|\.tmp$/.test(name));
}

const running = new Set<ChildProcess>();

interface Begun {
  readonly child: ChildProcess;
  /** Its status; null when it was killed. */
  readonly ended: Promise<number | null>;
  /** What it said on standard error so far. */
  readonly said: () => string;
}

function begun(args: readonly string[]): Begun {
  const child = spawn(process.execPath, [ENTRY, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  running.add(child);
  child.on('close', () => running.delete(child));
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  return { child, ended, said: () => said };
}

/** True when it came to its end before. */
async function killedAt(moment: Moment, args: readonly string[], folder: string): Promise<boolean> {
  const { child, ended } = begun(args);
  await reached(moment, folder, ended);
  child.kill('SIGKILL');
  return (await ended) !== null;
}
