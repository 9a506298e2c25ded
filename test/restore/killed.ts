import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { closeVolumes } from '../../main/engine/open-volumes.ts';
import { makeBtrfs, type TestBtrfs } from '../harness/loop.ts';
import { run, runText } from '../harness/run.ts';
import type { KillJob } from './kill-child.ts';
import { State } from './support.ts';

const CHILD = join(import.meta.dirname, 'kill-child.ts');

/**
 * Carries a job out in a process that kills itself at a change.
 * @returns how many changes it made; undefined: it was killed
 */
export function changesOf(job: KillJob): number | undefined {
  return outcomeOf(job)?.changes;
}

/** Carries a job out that is not killed; what it tells at the end. */
export function summaryOf<T>(job: KillJob): T {
  return outcomeOf(job)!.summary as T;
}

function outcomeOf(job: KillJob): { changes: number; summary: unknown } | undefined {
  const words = [process.execPath, CHILD, JSON.stringify(job)];
  const limits = [`--fsize=${job.maxFileBytes ?? 'unlimited'}`];
  const { status, signal, stdout, stderr } = spawnSync('prlimit', [...limits, ...words], {
    encoding: 'utf8',
  });
  if (signal === 'SIGKILL') return undefined;
  if (status !== 0 || stderr !== '') throw new Error(`${job.verb}: ${status}\n${stderr}`);
  return JSON.parse(stdout) as { changes: number; summary: unknown };
}

/** `point` of a laptop's `home`, and the same in an archive on a drive. */
export class PointAndArchive {
  readonly laptop: TestBtrfs;
  readonly drive: TestBtrfs;
  readonly state = new State();

  private constructor(sizeMiB: number) {
    this.laptop = makeBtrfs({ sizeMiB });
    this.drive = makeBtrfs({ sizeMiB });
  }

  static async make(sizeMiB: number, fill: (home: string) => void): Promise<PointAndArchive> {
    const made = new PointAndArchive(sizeMiB);
    try {
      const home = join(made.laptop.dir, 'home');
      run('btrfs', ['subvolume', 'create', home]);
      fill(home);
      run('btrfs', ['subvolume', 'snapshot', '-r', home, made.point]);
      made.laptop.sync();
      await made.state.ok('archive export', made.archive, made.point);
      return made;
    } catch (error) {
      made.close();
      throw error;
    }
  }

  get point(): string {
    return join(this.laptop.dir, 'point');
  }
  get archive(): string {
    return join(this.drive.dir, 'archive');
  }

  /** The point, as verbs take it. */
  get snapshot() {
    const volume = { devices: [this.laptop.device], mountPath: this.laptop.dir };
    return { volume, subvolumeId: idOf(this.point) };
  }

  close(): void {
    closeVolumes();
    this.laptop.close();
    this.drive.close();
    this.state.close();
  }
}

export function idOf(path: string): number {
  return Number(runText('btrfs', ['inspect-internal', 'rootid', path]));
}
