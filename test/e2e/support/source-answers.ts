import type { Source } from '../../../shared/model/subvolume.ts';
import type { Answers } from './stand-in.ts';

/** What a service with these sources says of them: as many points of each as are asked for. */
export function sourceAnswers(sources: readonly Source[]): Answers {
  return {
    'sources.list': ({ pointsEach }) =>
      sources.map((one) => ({ ...one, points: one.points.slice(0, pointsEach) })),
    'points.list': ({ source, offset = 0, limit }) => {
      const own = sources.find(
        ({ volumeId, subvolumeId }) =>
          volumeId === source?.volumeId && subvolumeId === source.subvolumeId,
      );
      return (own?.points ?? []).slice(offset, limit && offset + limit);
    },
  };
}
