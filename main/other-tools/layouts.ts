import type { OtherTool } from '../../shared/model/other-tool.ts';

/** A snapshot of another tool, by where it lies. */
export interface ForeignSnapshot {
  readonly tool: OtherTool;
  /** What its own tool calls it: Snapper's number, Timeshift's folder, btrbk's name. */
  readonly label: string;
  /** Where its metadata lies, from the volume's top level; null when it has none. */
  readonly infoPath: string | null;
  /** When it was taken, by its name; null when the name does not say. */
  readonly takenAtMs: number | null;
}

/** snapper(8): SUBVOLUME/.snapshots/NUMBER/snapshot beside NUMBER/info.xml. */
const SNAPPER = /^((?:.*\/)?(?:\.snapshots|@snapshots|@\.snapshots)\/(\d{1,9}))\/snapshot$/s;
/** Timeshift (README, "BTRFS snapshots"): timeshift-btrfs/snapshots[-kind]/DATE/@ and @home. */
const TIMESHIFT =
  /^((?:.*\/)?timeshift-btrfs\/snapshots(?:-[a-z]+)?\/(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d))\/(@[^/]*)$/s;
/**
 * btrbk.conf(5), `timestamp_format`: NAME.YYYYMMDD, .YYYYMMDDThhmm or .YYYYMMDDThhmmss+zzzz, and
 * `_N` where a name was taken.
 */
const BTRBK =
  /(?:^|\/)([^/]+\.(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(?:(\d\d)([+-]\d{4}))?)?(?:_\d+)?)$/s;

/**
 * Whose snapshot lies at this path of a volume. Only a hint from its name for btrbk, whose names
 * anybody could give: it is Dendro's where Dendro's own folder holds it.
 */
export function foreignSnapshot(path: string): ForeignSnapshot | undefined {
  return snapper(path) ?? timeshift(path) ?? btrbk(path);
}

function snapper(path: string): ForeignSnapshot | undefined {
  const match = SNAPPER.exec(path);
  if (!match) return undefined;
  const [, folder, number] = match;
  return { tool: 'snapper', label: number!, infoPath: `${folder}/info.xml`, takenAtMs: null };
}

function timeshift(path: string): ForeignSnapshot | undefined {
  const match = TIMESHIFT.exec(path);
  if (!match) return undefined;
  const [, folder, date] = match;
  const [day, time] = date!.split('_') as [string, string];
  const takenAtMs = validMs(new Date(`${day}T${time.replaceAll('-', ':')}`).getTime());
  return { tool: 'timeshift', label: date!, infoPath: `${folder}/info.json`, takenAtMs };
}

function btrbk(path: string): ForeignSnapshot | undefined {
  const match = BTRBK.exec(path);
  if (!match) return undefined;
  const [, name, year, month, day, hour = '00', minute = '00', second = '00', zone] = match;
  const offset = zone === undefined ? '' : `${zone.slice(0, 3)}:${zone.slice(3)}`;
  // Without a zone it is the local time of the computer that made it: taken to be this one.
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}${offset}`;
  const takenAtMs = validMs(new Date(text).getTime());
  return takenAtMs === null
    ? undefined
    : { tool: 'btrbk', label: name!, infoPath: null, takenAtMs };
}

function validMs(ms: number): number | null {
  return Number.isNaN(ms) ? null : ms;
}
