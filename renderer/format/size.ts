import { locale, t } from '../text/index.ts';

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/**
 * Bytes in the unit a person uses (decimal, as drives are sold): `6.2 GB`, `84 MB`, `0 B`. No line
 * ends between the number and its unit.
 */
export function formatSize(bytes: number): string {
  const size = Math.max(0, bytes);
  let exponent = size < 1000 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log10(size) / 3));
  // 999,999 bytes round to "1,000 kB"; the next unit says it better.
  if (exponent < UNITS.length - 1 && rounded(size, exponent) >= 1000) exponent++;
  const value = rounded(size, exponent);
  const digits = exponent === 0 || value >= 10 ? 0 : 1;
  return `${value.toLocaleString(locale(), { minimumFractionDigits: digits, maximumFractionDigits: digits })}\u00a0${UNITS[exponent]}`;
}

function rounded(size: number, exponent: number): number {
  const value = size / 1000 ** exponent;
  return value < 9.95 && exponent > 0 ? Math.round(value * 10) / 10 : Math.round(value);
}

/** The exact number, for those who ask: `6,217,334,912 bytes`. */
export function formatExactBytes(bytes: number): string {
  return t('size.exact', { bytes: bytes.toLocaleString(locale()) });
}

export function formatCount(count: number): string {
  return count.toLocaleString(locale());
}

export function formatRate(bytesPerSecond: number): string {
  return t('size.rate', { size: formatSize(bytesPerSecond) });
}

/** Whole percent; 100 only when it is done, so that the bar never claims more than is true. */
export function percentOf(done: number, total: number): number {
  if (total <= 0) return 0;
  if (done >= total) return 100;
  return Math.min(99, Math.max(0, Math.floor((done / total) * 100)));
}
