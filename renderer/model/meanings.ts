import type { ErrorData } from '../../shared/errors.ts';
import { t } from '../text/index.ts';

/** What an error means for the data, by who must act; '' when the message says it all. */
export function meaningOf({ kind }: Pick<ErrorData, 'kind'>): string {
  switch (kind) {
    case 'Corrupt':
      return t('meaning.corrupt');
    case 'Unsupported':
      return t('meaning.unsupported');
    case 'Denied':
      return t('meaning.denied');
    case 'Conflict':
      return t('meaning.conflict');
    case 'Io':
      return t('meaning.io');
    case 'Usage':
    case 'Cancelled':
      return '';
    case 'Bug':
      return t('meaning.bug');
  }
}
