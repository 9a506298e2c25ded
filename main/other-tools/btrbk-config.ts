import { usage } from '../../shared/errors.ts';
import { noted, say, type Note } from '../../shared/said.ts';
import type { Retention } from '../../shared/model/retention.ts';
import {
  ALL,
  LATEST_ONLY,
  type Imported,
  type ImportedPlan,
  type ImportedTarget,
} from './imported-plan.ts';

type Values = ReadonlyMap<string, string>;

interface Section {
  readonly kind: 'root' | 'volume' | 'subvolume' | 'target';
  readonly argument: string;
  readonly line: number;
  readonly values: Map<string, string>;
  readonly parent: Section | undefined;
  readonly children: Section[];
}

/** Which section may stand in which; the nearest one above that fits is meant (btrbk.conf(5)). */
const HOLDERS: Record<string, readonly Section['kind'][]> = {
  volume: ['root'],
  subvolume: ['volume', 'root'],
  target: ['subvolume', 'volume', 'root'],
};
/** What is taken over or means nothing to Dendro; anything else gets a note. */
const UNDERSTOOD = new Set([
  'snapshot_dir',
  'snapshot_name',
  'snapshot_preserve',
  'snapshot_preserve_min',
  'target_preserve',
  'target_preserve_min',
  'timestamp_format',
  'snapshot_create',
  'incremental',
  'lockfile',
  'transaction_log',
  'transaction_syslog',
  'stream_buffer',
  'stream_compress',
  'group',
  'ssh_user',
]);
const MAX_CONFIG_CHARACTERS = 1_000_000;

/**
 * The plans of a btrbk.conf: one for each subvolume.
 *
 * @throws Usage 'import-bad-line' with the line
 */
export function importBtrbk(text: string): Imported {
  if (text.length > MAX_CONFIG_CHARACTERS)
    throw badLine(1, noted('config-too-long', 'the file is too long'));
  const notes: Note[] = [];
  const root = sectionsOf(text, notes);
  const subvolumes = below(root, 'subvolume');
  const plans = subvolumes.map((section) => planOf(section));
  if (plans.length > 0) {
    notes.push(
      noted(
        'import-times-guessed',
        'btrbk is started by a timer of the system: the times of the plans are a guess.',
      ),
    );
  }
  return { plans, notes };
}

function sectionsOf(text: string, notes: Note[]): Section {
  const root = section('root', '', 0, undefined);
  let current = root;
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = index + 1;
    const words = raw.replace(/(^|\s)#.*$/, '').trim();
    if (words === '') continue;
    const match = /^([a-z_]+)(?:\s+(.*))?$/s.exec(words);
    if (!match)
      throw badLine(
        line,
        noted(
          'config-no-option',
          say`"${{ text: words.slice(0, 80) }}" is neither a section nor an option`,
        ),
      );
    const [, name, value = ''] = match as unknown as [string, string, string | undefined];
    if (name in HOLDERS) {
      current = opened(current, name as Section['kind'], unquoted(value), line);
      continue;
    }
    if (!UNDERSTOOD.has(name))
      notes.push(
        noted('import-left-out', say`Line ${{ line }}: ${{ option: name }} is not taken over.`),
      );
    current.values.set(name, unquoted(value));
  }
  return root;
}

function opened(current: Section, kind: Section['kind'], argument: string, line: number): Section {
  if (argument === '')
    throw badLine(line, noted('config-no-path', say`${{ text: kind }} without a path`));
  let holder: Section | undefined = current;
  while (holder && !HOLDERS[kind]!.includes(holder.kind)) holder = holder.parent;
  const made = section(kind, argument, line, holder!);
  holder!.children.push(made);
  return made;
}

function section(
  kind: Section['kind'],
  argument: string,
  line: number,
  parent: Section | undefined,
): Section {
  return { kind, argument, line, values: new Map(), parent, children: [] };
}

function below(from: Section, kind: Section['kind']): Section[] {
  return from.children.flatMap((child) => (child.kind === kind ? [child] : below(child, kind)));
}

function planOf(subvolume: Section): ImportedPlan {
  const values = inherited(subvolume);
  const base = subvolume.parent?.kind === 'volume' ? subvolume.parent.argument : '';
  const source = joined(base, subvolume.argument);
  // Targets stand in the subvolume, or for all of them in the volume or at the top.
  const targets = targetsFor(subvolume).map((target) => targetOf(target, base));
  const keepLocal = retention(
    values.get('snapshot_preserve_min') ?? 'all',
    values.get('snapshot_preserve') ?? 'no',
    subvolume.line,
  );
  const keeps = targets.map(({ keep }) => keep);
  const hourly = [keepLocal, ...keeps].some((keep) => keep.hourly > 0);
  return {
    name: values.get('snapshot_name') ?? (subvolume.argument.split('/').at(-1) || 'Top level'),
    tool: 'btrbk',
    sources: [source],
    timing: hourly ? 'hour' : 'day',
    keepLocal,
    targets,
  };
}

function targetsFor(subvolume: Section): Section[] {
  const own = (one: Section | undefined): Section[] =>
    one === undefined
      ? []
      : [...own(one.parent), ...one.children.filter((child) => child.kind === 'target')];
  return own(subvolume);
}

function targetOf(target: Section, base: string): ImportedTarget {
  const values = inherited(target);
  const [, type = 'send-receive', place = ''] =
    /^(?:(send-receive|raw)\s+)?(.+)$/s.exec(target.argument) ?? [];
  const path = unquoted(place);
  // SSH is written ssh://[USER@]HOST[:PORT]/FOLDER or [USER@]HOST:/FOLDER.
  const isFar = /^(?:ssh:\/\/|[^/:]+:\/)/.test(path);
  const keep = retention(
    values.get('target_preserve_min') ?? 'all',
    values.get('target_preserve') ?? 'no',
    target.line,
  );
  if (isFar) {
    const kind = type === 'raw' ? 'ssh-files' : 'ssh';
    return { kind, path: sshAddress(path, values.get('ssh_user') ?? 'root'), keep };
  }
  return { kind: type === 'raw' ? 'files' : 'folder', path: joined(base, path), keep };
}

/** btrbk logs in as root where nothing else is said. */
function sshAddress(place: string, user: string): string {
  const [, host, folder] = /^(?:ssh:\/\/)?([^/]+?):?(\/.*)$/s.exec(place) ?? [];
  if (host === undefined || folder === undefined) return place;
  return `ssh://${host.includes('@') ? '' : `${user}@`}${host}${folder}`;
}

function inherited(from: Section): Values {
  const above = from.parent ? inherited(from.parent) : new Map<string, string>();
  return new Map([...above, ...from.values]);
}

const FIELDS = { h: 'hourly', d: 'daily', w: 'weekly', m: 'monthly', y: 'yearly' } as const;
const HOURS = { h: 1, d: 24, w: 168, m: 730, y: 8_760 } as const;

/** `preserve_min`: all, latest, no, or a span; `preserve`: no, or counts as `14d 8w *m`. */
function retention(min: string, preserve: string, line: number): Retention {
  const keep = { ...LATEST_ONLY };
  if (min === 'all') keep.latest = ALL;
  else if (min !== 'latest' && min !== 'no') {
    const [, count, unit] = /^(\d{1,6})([hdwmy])$/.exec(min) ?? [];
    if (!unit)
      throw badLine(line, noted('config-no-min', say`"${{ text: min }}" is no preserve_min`));
    keep.minAgeHours = Math.min(Number(count) * HOURS[unit as keyof typeof HOURS], 1_000_000);
  }
  if (preserve === 'no') return keep;
  for (const word of preserve.split(/\s+/)) {
    const [, count, unit] = /^(\*|\d{1,6})([hdwmy])$/.exec(word) ?? [];
    if (!unit)
      throw badLine(
        line,
        noted('config-no-count', say`"${{ text: word }}" is no count to preserve`),
      );
    keep[FIELDS[unit as keyof typeof FIELDS]] = count === '*' ? ALL : Math.min(Number(count), ALL);
  }
  return keep;
}

function joined(base: string, path: string): string {
  if (path.startsWith('/')) return path;
  const inside = path.replace(/^\.\/?/, '');
  return inside === '' ? base : `${base.replace(/\/+$/, '')}/${inside}`;
}

function unquoted(text: string): string {
  const trimmed = text.trim();
  const match = /^"(.*)"$|^'(.*)'$/s.exec(trimmed);
  return match ? (match[1] ?? match[2])! : trimmed;
}

function badLine(line: number, why: Note): Error {
  return usage('import-bad-line', say`Line ${{ line }} of the btrbk configuration: ${{ why }}.`, {
    hint: 'See whether btrbk itself reads it: btrbk -c FILE config print',
  });
}
