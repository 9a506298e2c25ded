import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { Link } from 'wouter';
import { printable } from '../../../shared/model/bytes-text.ts';
import type { FoundHolder, FoundPoint } from '../../../shared/model/recover.ts';
import { addressPart } from '../../model/address.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Moment } from '../../parts/figures.tsx';
import { Notice } from '../../parts/notice.tsx';
import { t } from '../../text/index.ts';
import { OpenStreams } from './open-streams.tsx';
import { PlaceDialog } from './place-dialog.tsx';
import styles from './rescue.module.css';
import { NotedText } from '../../parts/noted.tsx';
import { toldNote } from '../../model/our-words.ts';

interface HolderProps {
  readonly runId: string;
  /** Among the holders of the run. */
  readonly index: number;
  readonly holder: FoundHolder;
  /** Newest first. */
  readonly points: readonly FoundPoint[];
  readonly homePath: string;
  readonly onSearch: (path: string) => void;
}

/** More of one place are shown on request. */
const SHOWN = 12;

/** One thing that holds states of files: each of them to be looked into. */
export function Holder(props: HolderProps): ReactElement {
  const { runId, index, holder, points, homePath, onSearch } = props;
  const [isAll, setAll] = useState(false);
  const [opened, setOpened] = useState<FoundPoint | null>(null);
  const { kind, path, name, problem, canRescue, isEncrypted, notes } = holder;
  return (
    <section className={styles.holder} aria-label={name}>
      <h3 className={styles.holderName}>
        <bdi>{printable(name)}</bdi>{' '}
        <span className="quiet">
          {t(`rescue.holder.${kind}`)} · {printable(path)}
        </span>
      </h3>
      {problem && <ErrorNotice error={problem} urgent={false} />}
      {notes.map((note) => (
        <Notice key={note.text} tone="plain">
          <NotedText note={note} />
        </Notice>
      ))}
      {canRescue && <Button onClick={() => onSearch(path)}>{t('rescue.search')}</Button>}
      {isEncrypted && kind === 'archive' && (
        <Button component={Link} href={`/streams/archive/${addressPart(path)}`}>
          {t('rescue.unlock')}
        </Button>
      )}
      {kind === 'streams' && (
        <OpenStreams
          runId={runId}
          holder={index}
          homePath={homePath}
          count={points.length}
          isEncrypted={isEncrypted}
        />
      )}
      <ul className={styles.subvolumes}>
        {points.slice(0, isAll ? points.length : SHOWN).map((point) => (
          <li key={`${point.kind} ${point.name} ${point.takenAtMs}`}>
            <span>
              {point.name === '' ? (
                t('rescue.top')
              ) : (
                <bdi className={styles.subvolume}>{printable(point.name)}</bdi>
              )}{' '}
              <span className="quiet">
                {t(`rescue.point.${point.kind}`)}
                {point.takenAtMs !== null && (
                  <>
                    {' · '}
                    <Moment at={point.takenAtMs} />
                  </>
                )}
                {!point.isWhole && ` · ${t('rescue.partOnly')}`}
                {point.problem !== null && ` · ${toldNote(point.problem).text}`}
              </span>
            </span>
            {point.place !== null && !isEncrypted && (
              <Button variant="default" size="xs" onClick={() => setOpened(point)}>
                {t('rescue.inside')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {!isAll && points.length > SHOWN && (
        <Button variant="subtle" onClick={() => setAll(true)}>
          {t('rescue.all', { count: points.length })}
        </Button>
      )}
      {opened?.place && (
        <PlaceDialog
          name={opened.name === '' ? t('rescue.top') : printable(opened.name)}
          place={opened.place}
          homePath={homePath}
          onClose={() => setOpened(null)}
        />
      )}
    </section>
  );
}
