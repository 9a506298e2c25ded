import { useInViewport } from '@mantine/hooks';
import { useMemo, type ReactElement } from 'react';
import type { Source } from '../../../shared/model/subvolume.ts';
import { useAsk } from '../../bridge/queries.ts';
import { CoreSample } from '../../charts/core-sample.tsx';
import { toSample } from '../../model/sources.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';

/** About as many bands as a core sample has room for. */
const NEWEST = 120;

interface RecentSampleProps {
  readonly source: Source;
  readonly label: string;
}

/** The newest points of a source, asked for once they are in sight: there may be hundreds of rows. */
export function RecentSample({ source, label }: RecentSampleProps): ReactElement {
  const { ref, inViewport } = useInViewport<HTMLDivElement>();
  const { volumeId, subvolumeId } = source;
  const { data, error, refetch } = useAsk(
    'points.list',
    { source: { volumeId, subvolumeId }, limit: NEWEST, offset: 0 },
    { enabled: inViewport },
  );
  // Of a service that is gone the banner above the page tells.
  const isUnread = data === undefined && error !== null && error.code !== 'service-gone';
  const sample = useMemo(() => toSample(data ?? []), [data]);
  return (
    <div ref={ref}>
      {isUnread ? (
        <ErrorNotice error={error} urgent={false} onRetry={() => void refetch()} />
      ) : (
        <CoreSample points={sample} label={label} />
      )}
    </div>
  );
}
