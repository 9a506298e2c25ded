import { counted } from '../../shared/said.ts';
import { throttled, type ReportProgress } from '../engine/progress.ts';
import { RateMeter } from '../runs/rate-meter.ts';
import { size } from './output.ts';
import { stderr } from '../linux/stderr.ts';

const CLEAR = '\r\u001b[K';

/** One line on stderr that is written over, when stderr is a terminal; else nothing. */
export function progressLine(): { show: ReportProgress; end: () => void } {
  if (!stderr.isTTY) return { show: () => {}, end: () => {} };
  const rate = new RateMeter();
  const show: ReportProgress = ({ bytes, files, totalBytes }) => {
    rate.add(bytes, performance.now());
    const percent =
      totalBytes === null || totalBytes === 0
        ? ''
        : `${Math.floor((bytes * 100) / totalBytes)} %  `;
    const speed = `${size(Math.round(rate.bytesPerSecond))}/s`;
    stderr.write(
      `${CLEAR}${percent}${files} ${counted(files, 'file', 'files')}  ${size(bytes)}  ${speed}`,
    );
  };
  return {
    show: throttled(show, () => performance.now()),
    end: () => stderr.write(CLEAR),
  };
}
