import type { OtherTool } from '../../shared/model/other-tool.ts';
import type { Retention } from '../../shared/model/retention.ts';
import type { Note } from '../../shared/said.ts';

/** A plan as another tool's configuration has it: by paths, not yet looked up. */
export interface ImportedPlan {
  readonly name: string;
  readonly tool: OtherTool;
  /** Absolute paths of subvolumes. */
  readonly sources: readonly string[];
  readonly timing: 'hour' | 'day' | 'never';
  readonly keepLocal: Retention;
  readonly targets: readonly ImportedTarget[];
}

export interface ImportedTarget {
  /** 'folder': on btrfs; 'files': stream files; 'ssh': on another computer; 'ssh-files': those there. */
  readonly kind: 'folder' | 'files' | 'ssh' | 'ssh-files';
  /** Absolute; of 'ssh' an address, `ssh://USER@HOST/FOLDER`. */
  readonly path: string;
  readonly keep: Retention;
}

export interface Imported {
  readonly plans: readonly ImportedPlan[];
  /** What could not be taken over, each with its line where there is one. */
  readonly notes: readonly Note[];
}

/** Retention that keeps nothing but the newest. */
export const LATEST_ONLY: Retention = {
  latest: 1,
  hourly: 0,
  daily: 0,
  weekly: 0,
  monthly: 0,
  yearly: 0,
  minAgeHours: 0,
  minFreePercent: 0,
};

/** As many as a rule can say: what the other tool calls all. */
export const ALL = 10_000;
