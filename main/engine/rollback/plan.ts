import { conflict } from '../../../shared/errors.ts';
import { noted, say, type Note } from '../../../shared/said.ts';
import { printable } from '../../../shared/model/bytes-text.ts';
import { bootable, type Kernels } from './kernels.ts';
import { keptName, snapperNumber } from './path-names.ts';
import type { FstabEntry, SubvolumeChoice } from './boot-files.ts';

export interface SubvolumeFacts {
  readonly id: number;
  /** From the top level. */
  readonly path: string;
  readonly parentId: number;
  readonly uuid: string;
  readonly isReadOnly: boolean;
}

/** All that a rollback is decided from; gathered elsewhere. */
export interface RollbackFacts {
  readonly point: SubvolumeFacts;
  /** What the point takes the place of. */
  readonly target: SubvolumeFacts;
  readonly subvolumes: readonly SubvolumeFacts[];
  readonly defaultId: number;
  /** Of the system that the target is; undefined when it is none. */
  readonly system: SystemFacts | undefined;
  /** Where the target is mounted now. */
  readonly mountPoints: readonly string[];
  /** 2026-11-27T23.15, for the name of what is kept. */
  readonly moment: string;
}

export interface SystemFacts {
  readonly fstab: readonly FstabEntry[];
  /** Of boot loader entries and the running kernel, with the file that says so. */
  readonly bootChoices: readonly (SubvolumeChoice & { readonly file: string })[];
  /** Undefined when /boot could not be looked at. */
  readonly kernels: Kernels | undefined;
  readonly isBootInTree: boolean;
}

/** A nested subvolume, by paths from the top level. */
export interface NestedMove {
  readonly from: string;
  readonly to: string;
}

export interface RollbackPlan {
  readonly layout: 'named' | 'default';
  readonly point: SubvolumeFacts;
  readonly target: SubvolumeFacts;
  /** The new subvolume's path while it is made; from the top level, like all paths here. */
  readonly staging: string;
  /** Where the new subvolume ends, and where the old one is kept. */
  readonly newPath: string;
  readonly keptPath: string;
  readonly setsDefault: boolean;
  /** In the new tree's fstab the number of the old subvolume is taken out. */
  readonly fixesFstab: boolean;
  readonly nested: readonly NestedMove[];
  /** What a person has to know before. */
  readonly notes: readonly Note[];
  readonly mountPoints: readonly string[];
}

/**
 * Decides each step. @throws Conflict 'boot-by-number', 'kernel-without-modules',
 * 'rollback-onto-itself', 'rollback-top-level'
 */
export function planRollback(facts: RollbackFacts, isForced: boolean): RollbackPlan {
  const { point, target, defaultId, system } = facts;
  if (point.id === target.id) throw ontoItself(target);
  if (target.path === '') throw topLevel();
  const setsDefault = defaultId === target.id;
  refuseBootByNumber(facts);
  if (!isForced) refuseKernels(system);
  const isNamed = system?.bootChoices.some(({ path }) => path === target.path) === true;
  const numbered = setsDefault && !isNamed ? snapperPath(facts) : undefined;
  const newPath = numbered ?? target.path;
  const kept = numbered === undefined ? keptPath(facts) : target.path;
  return {
    layout: setsDefault ? 'default' : 'named',
    point,
    target,
    staging: numbered ?? `${target.path}.dendro-rollback`,
    newPath,
    keptPath: kept,
    setsDefault,
    fixesFstab: system?.fstab.some(({ id }) => id === target.id) === true,
    nested: nestedMoves(facts, newPath),
    notes: notesOf(facts, kept),
    mountPoints: facts.mountPoints,
  };
}

/** Snapper's layout: `.snapshots/NUMBER/snapshot`; the new one gets the next number. */
function snapperPath({ target, subvolumes }: RollbackFacts): string | undefined {
  const folder = snapperNumber(target.path)?.folder;
  if (folder === undefined) return undefined;
  const numbers = subvolumes.map(({ path }) => {
    const found = snapperNumber(path);
    return found?.folder === folder ? found.number : 0;
  });
  return `${folder}${Math.max(...numbers) + 1}/snapshot`;
}

function keptPath({ target, subvolumes, moment }: RollbackFacts): string {
  const taken = new Set(subvolumes.map(({ path }) => path));
  for (let number = 1; ; number += 1) {
    const end = number === 1 ? '' : `-${number}`;
    const path = keptName(target.path, moment, end);
    if (!taken.has(path)) return path;
  }
}

/** Those right below the target come along: a snapshot holds but their empty places. */
function nestedMoves(facts: RollbackFacts, newPath: string): NestedMove[] {
  return nestedIn(facts)
    .filter(({ isReadOnly }) => !isReadOnly)
    .map(({ inside }) => ({ from: inside, to: `${newPath}/${inside}` }));
}

/** What is read-only stays: the kernel moves none of these to another folder (EROFS). */
function nestedIn({
  target,
  subvolumes,
}: RollbackFacts): { inside: string; isReadOnly: boolean }[] {
  return subvolumes
    .filter(({ parentId, path }) => parentId === target.id && path.startsWith(`${target.path}/`))
    .map(({ path, isReadOnly }) => ({ inside: path.slice(target.path.length + 1), isReadOnly }));
}

/** By number the old subvolume would be booted again, and the rollback would have done nothing. */
function refuseBootByNumber({ target, system }: RollbackFacts): void {
  const named = system?.bootChoices.find(({ id }) => id === target.id);
  if (named !== undefined) {
    throw conflict(
      'boot-by-number',
      say`${{ file: printable(named.file) }} names the system's subvolume by its number (subvolid=${{ id: target.id }}).`,
      {
        hint: say`Write rootflags=subvol=${{ path: target.path }} there instead, and do it again.`,
      },
    );
  }
  const other = system?.bootChoices.find(({ path }) => path === target.path);
  const elsewhere = system?.bootChoices.find(({ path }) => path !== null && path !== target.path);
  if (other !== undefined || elsewhere === undefined || system === undefined) return;
  throw conflict(
    'boots-another',
    say`${{ file: printable(elsewhere.file) }} boots the subvolume ${{ booted: printable(elsewhere.path!) }}, not ${{ path: printable(target.path) }}.`,
    { hint: 'Roll back the subvolume that is booted: name it with --subvolume.' },
  );
}

function refuseKernels(system: SystemFacts | undefined): void {
  const { kernels } = system ?? {};
  if (kernels === undefined || kernels.inBoot.length === 0 || bootable(kernels).length > 0) return;
  const [boot, modules] = [kernels.inBoot.join(', '), kernels.withModules.join(', ') || 'none'];
  throw conflict(
    'kernel-without-modules',
    say`The kernels in /boot (${{ boot }}) have no modules in the point (it has: ${{ modules }}).`,
    {
      hint: 'Put a kernel of the point back into /boot first, or choose a newer point; --force goes on.',
    },
  );
}

function notesOf(facts: RollbackFacts, kept: string): Note[] {
  const { system, mountPoints } = facts;
  const notes: Note[] = [];
  if (mountPoints.length > 0) {
    const at = mountPoints.map(printable).join(', ');
    notes.push(
      noted(
        'old-until-restart',
        say`${{ at }} shows the old state until it is mounted again: restart the computer.`,
      ),
    );
  }
  const namesOf = (nested: readonly { inside: string }[]): string =>
    nested.map(({ inside }) => printable(inside)).join(', ');
  const moved = nestedIn(facts).filter(({ isReadOnly }) => !isReadOnly);
  if (moved.length > 0 && mountPoints.length > 0) {
    notes.push(
      noted(
        'nested-until-restart',
        say`Until then these nested subvolumes are not seen there: ${{ names: namesOf(moved) }}.`,
      ),
    );
  }
  const staying = nestedIn(facts).filter(({ isReadOnly }) => isReadOnly);
  if (staying.length > 0) {
    const [at, names] = [printable(kept), namesOf(staying)];
    notes.push(
      noted(
        'snapshots-stay',
        say`Read-only snapshots cannot be moved; these stay in "${{ at }}": ${{ names }}.`,
      ),
    );
  }
  if (system === undefined) return notes;
  const own = system.fstab.filter(({ mountPoint }) => mountPoint !== '/');
  const others = own.filter(({ type }) => type !== 'swap' && type !== 'none');
  if (others.length > 0) {
    const names = others.map(({ mountPoint }) => printable(mountPoint)).join(', ');
    notes.push(
      noted(
        'not-of-the-point',
        say`Not part of the restore point, and left as they are: ${{ names }}.`,
      ),
    );
  }
  const { kernels } = system;
  if (kernels === undefined)
    notes.push(
      noted('boot-not-looked', '/boot could not be looked at: the kernels are not checked.'),
    );
  else {
    const fit = bootable(kernels);
    const without = kernels.inBoot.filter((version) => !fit.includes(version));
    if (fit.length > 0)
      notes.push(noted('boots-with', say`Boots with ${{ kernels: fit.join(', ') }}.`));
    if (without.length > 0) {
      notes.push(
        noted(
          'do-not-boot',
          say`Do not boot ${{ kernels: without.join(', ') }}: the restore point has no modules for it.`,
        ),
      );
    }
  }
  return notes;
}

function ontoItself({ path }: SubvolumeFacts): Error {
  return conflict(
    'rollback-onto-itself',
    say`"${{ path: printable(path) }}" cannot take its own place.`,
    {
      hint: 'Name a snapshot of it.',
    },
  );
}

function topLevel(): Error {
  return conflict('rollback-top-level', 'The top level of a filesystem cannot be replaced.', {
    hint: 'Restore files out of the point instead: dendro restore --in-place.',
  });
}
