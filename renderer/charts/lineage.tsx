import { useElementSize } from '@mantine/hooks';
import type { ReactElement } from 'react';
import { layoutLineage, type LineageRing } from './lineage-layout.ts';
import type { SourceChain } from '../../shared/model/chain.ts';
import styles from './lineage.module.css';

const ROW_PX = 28;

interface LineageProps {
  readonly chain: SourceChain;
  /** One place alone. */
  readonly placeId: string;
  readonly label: string;
}

/** What each increment at a place builds on, as rings joined by arcs. */
export function Lineage({ chain, placeId, label }: LineageProps): ReactElement {
  const { ref, width } = useElementSize<HTMLDivElement>();
  const row = layoutLineage(chain, width).find((one) => one.placeId === placeId);
  return (
    <div ref={ref} role="img" aria-label={label} className={styles.lineage}>
      <svg width={width} height={ROW_PX} aria-hidden="true">
        {row?.rings.map((ring) => (
          <Ring key={ring.pointId} ring={ring} />
        ))}
      </svg>
    </div>
  );
}

function Ring({ ring: { x, kind, from } }: { readonly ring: LineageRing }): ReactElement {
  const y = ROW_PX - 8;
  const rise = from === null ? 0 : Math.min(14, 4 + (x - from) / 8);
  return (
    <>
      {from !== null && (
        <path
          className={styles.arc}
          d={`M${from} ${y}Q${(from + x) / 2} ${y - rise * 2} ${x} ${y}`}
        />
      )}
      {kind === 'full' && <circle className={styles.full} cx={x} cy={y} r={5} />}
      {kind === 'increment' && <circle className={styles.increment} cx={x} cy={y} r={4} />}
      {kind === 'orphan' && (
        <path className={styles.orphan} d={`M${x - 4} ${y - 4}l8 8m0 -8l-8 8`} />
      )}
    </>
  );
}
