import { useMemo, type ReactElement } from 'react';
import type { FilePreview } from '../../../../shared/model/entry.ts';
import type { CopyRef } from '../../../../shared/model/place.ts';
import { useAsk } from '../../../bridge/queries.ts';
import { formatCount, formatSize } from '../../../format/size.ts';
import { formatMoment } from '../../../format/time.ts';
import { Dialog } from '../../../parts/dialog.tsx';
import { ErrorNotice } from '../../../parts/error-notice.tsx';
import { Notice } from '../../../parts/notice.tsx';
import { Waiting } from '../../../parts/waiting.tsx';
import { t } from '../../../text/index.ts';
import { diffText, hunksOf, type DiffLine } from './text-diff.ts';
import styles from './versions.module.css';

const LIMIT_BYTES = 1_048_576;
/** A page of more lines than this is slow, and nobody reads it. */
const MOST_LINES = 4_000;

/** A file at a moment. */
export interface DiffSide {
  readonly at: CopyRef & { readonly path: string };
  readonly takenAtMs: number;
}

interface DiffDialogProps {
  readonly name: string;
  /** Older, newer. */
  readonly sides: readonly DiffSide[];
  readonly onClose: () => void;
}

/** Two versions of a text, what went and what came, line by line. */
export function DiffDialog({ name, sides, onClose }: DiffDialogProps): ReactElement {
  const [older, newer] = sides.map(useSide);
  const error = older?.error ?? newer?.error;
  const now = Date.now();
  const [from, to] = sides.map(({ takenAtMs }) => formatMoment({ at: takenAtMs, now }));
  return (
    <Dialog onClose={onClose} size={920} title={t('diff.title', { name })}>
      <p className="quiet">{t('diff.sides', { from, to })}</p>
      {error && <ErrorNotice error={error} />}
      {!error && (!older?.data || !newer?.data) && <Waiting rows={8} rowPx={22} />}
      {older?.data && newer?.data && <Difference older={older.data} newer={newer.data} />}
    </Dialog>
  );
}

function useSide({ at }: DiffSide) {
  const input = { ...at, limitBytes: LIMIT_BYTES };
  return useAsk('file.preview', input, { staleMs: Infinity });
}

interface DifferenceProps {
  readonly older: FilePreview;
  readonly newer: FilePreview;
}

function Difference({ older, newer }: DifferenceProps): ReactElement {
  const [before, after] = [older.text, newer.text];
  const diff = useMemo(
    () => (before === null || after === null ? null : diffText(before, after)),
    [before, after],
  );
  if (diff === null) {
    const sizes = { from: formatSize(older.sizeBytes), to: formatSize(newer.sizeBytes) };
    return <Notice tone="plain">{t('diff.noText', sizes)}</Notice>;
  }
  const hunks = hunksOf(diff);
  const isCut = older.truncated || newer.truncated;
  return (
    <>
      {isCut && (
        <Notice tone="needs-you">{t('diff.cut', { size: formatSize(LIMIT_BYTES) })}</Notice>
      )}
      {hunks.length === 0 ? (
        <Notice tone="plain">{t('diff.none')}</Notice>
      ) : (
        <>
          <p className={styles.counts}>
            {t('diff.removed', { count: diff.removed, lines: formatCount(diff.removed) })}
            {' · '}
            {t('diff.added', { count: diff.added, lines: formatCount(diff.added) })}
          </p>
          <Hunks hunks={hunks} />
        </>
      )}
    </>
  );
}

function Hunks({ hunks }: { readonly hunks: readonly DiffLine[][] }): ReactElement {
  let left = MOST_LINES;
  const shown = hunks
    .map((hunk) => {
      const part = hunk.slice(0, Math.max(0, left));
      left -= part.length;
      return part;
    })
    .filter((part) => part.length > 0);
  return (
    <div className={styles.diff} tabIndex={0} role="region" aria-label={t('diff.label')}>
      <table>
        {shown.map((hunk) => (
          <tbody key={`${hunk[0]!.before} ${hunk[0]!.after}`}>
            {hunk.map((line) => (
              <Line key={`${line.before} ${line.after}`} line={line} />
            ))}
          </tbody>
        ))}
      </table>
      {left <= 0 && <p className="quiet">{t('diff.more')}</p>}
    </div>
  );
}

const SIGNS = { same: '', removed: '−', added: '+' } as const;

function Line({ line }: { readonly line: DiffLine }): ReactElement {
  return (
    <tr data-kind={line.kind}>
      <td className={styles.number}>{line.before || ''}</td>
      <td className={styles.number}>{line.after || ''}</td>
      <td className={styles.sign}>
        {SIGNS[line.kind]}
        {line.kind !== 'same' && (
          <span className="visually-hidden">{t(`diff.${line.kind}Line`)}</span>
        )}
      </td>
      <td className={styles.text}>{line.text}</td>
    </tr>
  );
}
