import { usage } from '../../shared/errors.ts';
import { noted, say, type Note } from '../../shared/said.ts';
import { ALL, LATEST_ONLY, type Imported } from './imported-plan.ts';

const MAX_CONFIG_CHARACTERS = 100_000;
const SECONDS_AN_HOUR = 3_600;

/**
 * The plan of one of Snapper's configurations (snapper-configs(5)): lines as a shell's
 * assignments, KEY="value".
 *
 * @throws Usage 'import-bad-line'
 */
export function importSnapper(name: string, text: string): Imported {
  const values = assignments(text.slice(0, MAX_CONFIG_CHARACTERS));
  const source = values.get('SUBVOLUME');
  if (source === undefined || !source.startsWith('/')) {
    throw usage(
      'import-bad-line',
      say`The Snapper configuration "${{ name }}" names no SUBVOLUME.`,
    );
  }
  const notes: Note[] = [];
  const fstype = values.get('FSTYPE') ?? 'btrfs';
  if (fstype !== 'btrfs')
    return {
      plans: [],
      notes: [noted('import-not-btrfs', say`"${{ name }}" is on ${{ fstype }}, not btrfs.`)],
    };
  const isTimeline = values.get('TIMELINE_CREATE') === 'yes';
  if (!isTimeline)
    notes.push(
      noted(
        'import-not-timed',
        say`"${{ name }}" makes no snapshots by time: the plan has no times.`,
      ),
    );
  if (values.get('NUMBER_CLEANUP') === 'yes') {
    notes.push(
      noted(
        'import-number-stays',
        say`"${{ name }}": snapshots before and after package changes stay with Snapper.`,
      ),
    );
  }
  const limit = (key: string, usual: number): number => upper(values.get(key), usual);
  const minAge = Number(values.get('TIMELINE_MIN_AGE') ?? 0);
  const keepLocal = {
    ...LATEST_ONLY,
    // Without the cleanup Snapper deletes nothing.
    ...(values.get('TIMELINE_CLEANUP') === 'yes' ? {} : { latest: ALL }),
    hourly: limit('TIMELINE_LIMIT_HOURLY', 10),
    daily: limit('TIMELINE_LIMIT_DAILY', 10),
    weekly: limit('TIMELINE_LIMIT_WEEKLY', 0),
    monthly: limit('TIMELINE_LIMIT_MONTHLY', 10),
    yearly: limit('TIMELINE_LIMIT_YEARLY', 10),
    minAgeHours: Number.isFinite(minAge) ? Math.ceil(Math.max(0, minAge) / SECONDS_AN_HOUR) : 0,
  };
  const timing = isTimeline ? ('hour' as const) : ('never' as const);
  const plan = {
    name,
    tool: 'snapper' as const,
    sources: [source],
    timing,
    keepLocal,
    targets: [],
  };
  return { plans: [plan], notes };
}

function assignments(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([A-Z_]+)=(?:"([^"]*)"|'([^']*)'|([^\s#]*))/.exec(line);
    if (match) found.set(match[1]!, match[2] ?? match[3] ?? match[4] ?? '');
  }
  return found;
}

/** A limit may be a range, `2-10`: the most that is kept. */
function upper(text: string | undefined, usual: number): number {
  const last = Number((text ?? String(usual)).split('-').at(-1));
  return Number.isInteger(last) && last >= 0 ? Math.min(last, ALL) : usual;
}
