import { z } from 'zod';

/** What another tool noted of its snapshot. */
export interface ForeignInfo {
  readonly takenAtMs: number | null;
  /** What its maker wrote about it, or ''. */
  readonly description: string;
  /** Snapper: 'single', 'pre' or 'post'; Timeshift: its tags, as 'daily boot'. */
  readonly kind: string;
  /** Snapper's cleanup algorithm; '' when the tool keeps it until it is deleted by hand. */
  readonly cleanup: string;
}

/** Metadata files are small; a larger one is no metadata. */
export const MAX_INFO_BYTES = 65_536;

/**
 * Snapper's info.xml (snapper `File.cc` writes it flat): date in UTC, as `2022-01-31 10:00:05`.
 * Undefined for what is none.
 */
export function parseSnapperInfo(xml: string): ForeignInfo | undefined {
  if (!/<snapshot[\s>]/.test(xml) || xml.length > MAX_INFO_BYTES) return undefined;
  const field = (name: string): string => {
    const match = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml);
    return unescaped(match?.[1] ?? '').trim();
  };
  const date = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)$/.exec(field('date'));
  const takenAtMs = date ? Date.parse(`${date[1]}T${date[2]}Z`) : Number.NaN;
  return {
    takenAtMs: Number.isNaN(takenAtMs) ? null : takenAtMs,
    description: field('description'),
    kind: field('type'),
    cleanup: field('cleanup'),
  };
}

/** Timeshift's info.json: texts throughout; `created` in seconds since 1970. */
const TimeshiftInfo = z.object({
  created: z.coerce.number().int().positive(),
  tags: z.string().default(''),
  comments: z.string().default(''),
});

export function parseTimeshiftInfo(json: string): ForeignInfo | undefined {
  if (json.length > MAX_INFO_BYTES) return undefined;
  try {
    const { created, tags, comments } = TimeshiftInfo.parse(JSON.parse(json));
    const kind = tags.trim();
    return { takenAtMs: created * 1_000, description: comments.trim(), kind, cleanup: kind };
  } catch {
    return undefined;
  }
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function unescaped(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,4}));/gi, (whole, dec, hex, name) => {
    const named = ENTITIES[String(name).toLowerCase()];
    if (named !== undefined) return named;
    const code = dec ? Number(dec) : hex ? Number.parseInt(String(hex), 16) : Number.NaN;
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}
