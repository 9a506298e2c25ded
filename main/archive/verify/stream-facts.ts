import { isDeepStrictEqual } from 'node:util';
import { textFromBytes } from '../../../shared/model/bytes-text.ts';
import { exactly, type PointRecord } from '../format/manifest.ts';
import { streamName } from '../format/stream-name.ts';
import { foreignOf } from '../import/rebuild-point.ts';
import type { IndexedStream } from '../index/index-stream.ts';

/** Fields of a record that a stream says itself, and in which the two differ. */
export interface FactsApart {
  /** By these it is found and put on what it builds on. */
  readonly ofRestoring: readonly string[];
  readonly others: readonly string[];
}

export function factsApart(
  { facts, commands, protocol, dataBytes, index }: IndexedStream,
  streamBytes: number,
  point: PointRecord,
): FactsApart {
  const { uuid, ctransid } = facts.identity;
  const cloneSources = sorted(foreignOf(index.foreign, facts));
  const isApart = (of: Record<string, readonly [unknown, unknown]>): string[] =>
    Object.keys(of).filter((name) => !isDeepStrictEqual(...of[name]!));
  return {
    ofRestoring: isApart({
      uuid: [uuid, point.uuid],
      ctransid: [ctransid, point.ctransid],
      parent: [facts.parent, identityOf(point.parent)],
      cloneSources: [cloneSources, sorted(point.cloneSources)],
    }),
    others: isApart({
      name: [streamName(textFromBytes(facts.name)), streamName(point.name)],
      protocol: [protocol, point.protocol],
      commands: [commands, point.commands],
      dataBytes: [dataBytes, point.dataBytes],
      plain: [streamBytes, point.plain.bytes],
    }),
  };
}

function identityOf(parent: PointRecord['parent']): PointRecord['parent'] {
  return parent && { uuid: parent.uuid, ctransid: parent.ctransid };
}

function sorted(sources: PointRecord['cloneSources']): string[] {
  return sources.map(exactly).sort();
}
