import { ActionIcon } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { useEffect, useRef, useState, type ReactElement } from 'react';
import { formatCount } from '../../../format/size.ts';
import { Waiting } from '../../../parts/waiting.tsx';
import { t } from '../../../text/index.ts';
import { openPdf, type OpenPdf } from './open-pdf.ts';
import styles from './pdf.module.css';

interface PdfViewProps {
  readonly base64: string;
  readonly name: string;
}

/** Finer than two pixels a point nobody sees, and memory grows with the square. */
const MOST_SCALE = 3;

/** The pages of a document, one at a time, drawn on a canvas. */
export function PdfView({ base64, name }: PdfViewProps): ReactElement {
  const opened = useOpened(base64);
  const [page, setPage] = useState(1);
  const [canvas, isBroken] = usePage(opened.pdf, page);
  const count = opened.pdf?.document.numPages ?? 0;
  if (opened.problem !== undefined || isBroken) {
    return (
      <p className="quiet">
        {t(opened.problem === 'locked' ? 'preview.pdfLocked' : 'preview.pdfBroken')}
      </p>
    );
  }
  return (
    <figure className={styles.pdf}>
      {opened.pdf === undefined && <Waiting rows={6} rowPx={40} />}
      <canvas
        ref={canvas}
        role="img"
        aria-label={t('preview.pdfPage', { name, page, pages: formatCount(count) })}
      />
      {count > 1 && (
        <figcaption>
          <ActionIcon
            variant="subtle"
            disabled={page <= 1}
            aria-label={t('preview.pdfBefore')}
            onClick={() => setPage(page - 1)}
          >
            <IconChevronLeft size={16} />
          </ActionIcon>
          <span role="status">
            {t('preview.pdfOf', { page: formatCount(page), pages: formatCount(count) })}
          </span>
          <ActionIcon
            variant="subtle"
            disabled={page >= count}
            aria-label={t('preview.pdfNext')}
            onClick={() => setPage(page + 1)}
          >
            <IconChevronRight size={16} />
          </ActionIcon>
        </figcaption>
      )}
    </figure>
  );
}

interface Opened {
  readonly pdf?: OpenPdf;
  readonly problem?: 'locked' | 'broken';
}

function useOpened(base64: string): Opened {
  const [opened, setOpened] = useState<Opened>({});
  useEffect(() => {
    let isOver = false;
    let pdf: OpenPdf | undefined;
    const data = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    openPdf(data).then(
      (found) => {
        pdf = found;
        if (isOver) found.close();
        else setOpened({ pdf: found });
      },
      (error: unknown) => {
        const isLocked = error instanceof Error && error.name === 'PasswordException';
        if (!isOver) setOpened({ problem: isLocked ? 'locked' : 'broken' });
      },
    );
    return () => {
      isOver = true;
      pdf?.close();
    };
  }, [base64]);
  return opened;
}

/** Draws a page as wide as its place is. */
function usePage(
  pdf: OpenPdf | undefined,
  number: number,
): [React.RefObject<HTMLCanvasElement | null>, boolean] {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    const target = canvas.current;
    if (pdf === undefined || target === null) return;
    let cancel = (): void => {};
    let isOver = false;
    const draw = async (): Promise<void> => {
      const page = await pdf.document.getPage(number);
      if (isOver) return;
      const width = target.parentElement?.clientWidth ?? 320;
      const unscaled = page.getViewport({ scale: 1 });
      const scale = Math.min(MOST_SCALE, (width / unscaled.width) * window.devicePixelRatio);
      const viewport = page.getViewport({ scale });
      target.width = Math.floor(viewport.width);
      target.height = Math.floor(viewport.height);
      const task = page.render({ canvas: target, viewport });
      cancel = () => task.cancel();
      await task.promise;
    };
    draw().catch((error: unknown) => {
      const isCancelled = error instanceof Error && error.name === 'RenderingCancelledException';
      if (!isCancelled && !isOver) setBroken(true);
    });
    return () => {
      isOver = true;
      cancel();
    };
  }, [pdf, number]);
  return [canvas, isBroken];
}
