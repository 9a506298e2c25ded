import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { DendroError, toErrorData, type ErrorData } from '../../shared/errors.ts';
import { meaningOf, systemCall, whatHappened, whatToDo } from '../model/meanings.ts';
import { t } from '../text/index.ts';
import { Notice } from './notice.tsx';
import styles from './error-notice.module.css';

const ENGLISH = { lang: 'en' } as const;

interface ErrorNoticeProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
  readonly urgent?: boolean;
  /** Keep a page's margins, where the parent has none. */
  readonly inset?: boolean;
}

/**
 * What happened, what it means for the data, what to do; the code small at the end. Nothing for
 * a service that is gone: the banner above every page says that, once.
 */
export function ErrorNotice(props: ErrorNoticeProps): ReactElement | null {
  const { error, onRetry, urgent = true, inset = false } = props;
  const data = isErrorData(error) ? error : toErrorData(error);
  if (data.code === 'service-gone') return null;
  const { headline, detail } = whatHappened(data);
  const advice = whatToDo(data);
  const meaning = meaningOf(data);
  return (
    <div className={inset ? styles.inset : undefined}>
      <Notice
        tone={data.kind === 'Cancelled' ? 'plain' : 'failed'}
        urgent={urgent}
        actions={
          onRetry && (
            <Button variant="default" size="xs" onClick={onRetry}>
              {t('action.tryAgain')}
            </Button>
          )
        }
      >
        {/* Only the service's own English is marked as such. */}
        <p className={styles.what} {...(headline.isOurs ? {} : ENGLISH)}>
          {headline.text}
        </p>
        {detail && (
          <p className={styles.line} {...ENGLISH}>
            {detail}
          </p>
        )}
        {meaning && <p className={styles.line}>{meaning}</p>}
        {advice.text && (
          <p className={styles.line} {...(advice.isOurs ? {} : ENGLISH)}>
            {advice.text}
          </p>
        )}
        <p className={styles.code} translate="no">
          {codeLine(data, headline.isOurs && detail === '')}
        </p>
      </Notice>
    </div>
  );
}

function codeLine(error: ErrorData, hasCall: boolean): string {
  const { code, place } = error;
  const parts = [
    hasCall ? systemCall(error) : '',
    place.device,
    place.path,
    place.logical === undefined ? undefined : t('error.logical', { value: place.logical }),
    place.offset === undefined ? undefined : t('error.offset', { value: place.offset }),
    place.command === undefined ? undefined : t('error.command', { value: place.command }),
  ];
  return [code, ...parts.filter((part) => part !== undefined && part !== '')].join(' · ');
}

/** A run's error comes as data, a call's as a `DendroError`. */
function isErrorData(error: unknown): error is ErrorData {
  return (
    typeof error === 'object' &&
    error !== null &&
    'code' in error &&
    !(error instanceof DendroError)
  );
}
