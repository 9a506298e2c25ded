import { usage } from '../../../shared/errors.ts';
import { say } from '../../../shared/said.ts';

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  k: 1024,
  m: 1024 ** 2,
  g: 1024 ** 3,
  t: 1024 ** 4,
};

/** 500, 10M, 1.5G. @throws Usage */
export function bytesOf(text: string): number {
  const [, digits, unit] = /^(\d+(?:\.\d+)?)([kmgt]?)i?b?$/i.exec(text) ?? [];
  const value = Number(digits) * (UNITS[(unit ?? '').toLowerCase()] ?? NaN);
  if (Number.isSafeInteger(Math.round(value))) return Math.round(value);
  throw usage('bad-size', say`"${{ text }}" is no size.`, {
    hint: 'Write it as 500, 10M or 1.5G.',
  });
}

/** 2026-11-27, or with a time behind it: 2026-11-27T14:05; local time. @throws Usage */
export function momentOf(text: string): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text);
  const value = Date.parse(isDay ? `${text}T00:00` : text);
  if (/^\d{4}-/.test(text) && Number.isSafeInteger(value)) return value;
  throw usage('bad-date', say`"${{ text }}" is no date.`, { hint: 'Write it as 2026-11-27.' });
}
