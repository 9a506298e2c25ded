import { readFileSync } from 'node:fs';
import { conflict, usage } from '../../shared/errors.ts';
import { say } from '../../shared/said.ts';
import { bytesFromText, printable } from '../../shared/model/bytes-text.ts';
import { activePatterns } from '../engine/stream/exclude.ts';
import type { Subvolume } from '../engine/tree/index.ts';
import { isSameList, rememberSentWithout, sentWithout } from './sent-without.ts';
import type { Options, OptionSpecs } from './options.ts';

export const excludeOptions = {
  exclude: {
    type: 'string',
    value: 'PATTERN',
    multiple: true,
    help: 'leave out what the gitignore pattern matches (not in btrfs-progs)',
  },
  'exclude-from': {
    type: 'string',
    value: 'FILE',
    multiple: true,
    help: 'the same for each line of FILE (not in btrfs-progs)',
  },
  'parent-exclude': {
    type: 'string',
    value: 'PATTERN',
    multiple: true,
    help: 'what the receiver has PARENT without, if not what is remembered; "": it has all of it',
  },
} as const satisfies OptionSpecs;

type Given = Options<typeof excludeOptions>;

/**
 * What is left out of this send, and what the snapshots that it builds on were sent without.
 * Nothing said: what PARENT was sent without, as it is remembered.
 */
export class SendExcludes {
  readonly own: readonly string[];
  /** The patterns come from the memory, not from the command line. */
  readonly isRemembered: boolean;
  readonly #stated: readonly string[] | undefined;
  readonly #ofParent: readonly string[] | undefined;
  readonly #here = new Set<number>();

  /** @throws Usage 'exclude-file', Conflict 'sent-differently' */
  constructor(given: Given, parent: Subvolume | undefined) {
    this.#stated = stated(given);
    this.#ofParent = given['parent-exclude'] && activePatterns(given['parent-exclude']);
    this.own = this.#stated ?? (parent === undefined ? [] : this.of(parent));
    this.isRemembered = this.#stated === undefined && this.own.length > 0;
  }

  /** What a parent or a clone source was sent without. @throws Conflict 'sent-differently' */
  of(sent: Subvolume): readonly string[] {
    if (this.#here.has(sent.id)) return this.own;
    if (this.#ofParent !== undefined) return this.#ofParent;
    const known = sentWithout(idOf(sent));
    const own = this.#stated ?? [];
    if (known.length === 0 || known.some((list) => isSameList(list, own))) return own;
    if (known.length === 1) return known[0]!;
    throw conflict(
      'sent-differently',
      say`"${{ path: printable(Buffer.from(sent.info.path).toString()) }}" was sent without these paths, and without those.`,
      {
        hint: say`Say which the receiver has, with --parent-exclude: ${{ known: known.map(shown).join('; or ') }}`,
      },
    );
  }

  /** Sent by the same command: those after it may build on it. */
  sentHere(snapshot: Subvolume): void {
    this.#here.add(snapshot.id);
  }

  /** For the increments to come. @returns false: it cannot be remembered. */
  remember(snapshot: Subvolume): boolean {
    return this.own.length === 0 || rememberSentWithout(idOf(snapshot), this.own);
  }
}

export function shown(patterns: readonly string[]): string {
  return patterns.map((pattern) => `'${printable(pattern)}'`).join(' ');
}

function idOf({ info }: Subvolume): string {
  return Buffer.from(info.uuid).toString('hex');
}

function stated(given: Given): readonly string[] | undefined {
  const { exclude, 'exclude-from': files } = given;
  if (exclude === undefined && files === undefined) return undefined;
  return activePatterns([...(exclude ?? []), ...(files ?? []).flatMap(linesOf)]);
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(Buffer.from(bytesFromText(path)), 'utf8').split('\n');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw usage('exclude-file', say`cannot read '${{ path: printable(path) }}': ${{ code }}`, {
      hint: 'Name a file with one pattern of gitignore(5) on each line.',
      place: { path: printable(path) },
      cause,
    });
  }
}
