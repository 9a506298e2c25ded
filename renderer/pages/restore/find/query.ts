import type { CallInput } from '../../../../shared/contract/calls.ts';
import { shellWord } from '../../../model/shell-word.ts';

type Query = CallInput<'catalogue.find'>;

/** What a person can set, each as one choice. */
export interface FindForm {
  readonly text: string;
  readonly how: NonNullable<Query['how']>;
  readonly size: keyof typeof SIZES;
  readonly age: keyof typeof AGES;
  readonly deleted: NonNullable<Query['deleted']>;
  readonly sourceUuid: string | null;
}

const MB = 1_000_000;
const DAY_MS = 86_400_000;

export const SIZES = {
  any: {},
  small: { maxBytes: MB },
  large: { minBytes: MB },
  larger: { minBytes: 100 * MB },
  largest: { minBytes: 1_000 * MB },
} as const;

/** Changed in the last so many days. */
export const AGES = { any: null, day: 1, week: 7, month: 31, year: 366 } as const;

export const EMPTY: FindForm = {
  text: '',
  how: 'substring',
  size: 'any',
  age: 'any',
  deleted: 'any',
  sourceUuid: null,
};

export const FOUND_LIMIT = 1_000;

/** Null while there is nothing to look for. */
export function queryOf(form: FindForm, nowMs: number): Query | null {
  const { text, how, size, age, deleted, sourceUuid } = form;
  const isNarrow = size !== 'any' || age !== 'any' || deleted === 'only';
  if (text.trim() === '' && !isNarrow) return null;
  const days = AGES[age];
  return {
    text: text.trim(),
    how,
    ...SIZES[size],
    // To the hour, so that the same question is not asked anew at every letter.
    ...(days === null ? {} : { modifiedFromMs: Math.floor(nowMs / 3.6e6) * 3.6e6 - days * DAY_MS }),
    deleted,
    ...(sourceUuid === null ? {} : { sourceUuid }),
    limit: FOUND_LIMIT,
  };
}

/** The same as `dendro find` takes it; it knows no source, and looks in all. */
export function findCommand(form: FindForm, nowMs: number): string {
  const query = queryOf(form, nowMs);
  const { text, how } = form;
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const words = [
    ...(query?.minBytes === undefined ? [] : [`--larger=${query.minBytes}`]),
    ...(query?.maxBytes === undefined ? [] : [`--smaller=${query.maxBytes}`]),
    ...(query?.modifiedFromMs === undefined ? [] : [`--after=${day(query.modifiedFromMs)}`]),
    ...(form.deleted === 'only' ? ['--deleted'] : []),
    ...(how === 'extension' && text !== '' ? [`--extension=${text}`] : []),
    ...(how !== 'extension' && text !== '' ? [text] : []),
  ];
  return ['dendro', 'find', ...words].map(shellWord).join(' ');
}
