import { lazy, Suspense, useEffect, useState, type ReactElement } from 'react';
import type { FilePreview } from '../../../shared/model/entry.ts';
import type { CopyRef } from '../../../shared/model/place.ts';
import { useAsk } from '../../bridge/queries.ts';
import { formatSize } from '../../format/size.ts';
import { ErrorNotice } from '../../parts/error-notice.tsx';
import { Waiting } from '../../parts/waiting.tsx';
import { t } from '../../text/index.ts';
import styles from './restore.module.css';

const TEXT_BYTES = 65_536;
const IMAGE_BYTES = 1_048_576;
const PDF_BYTES = 8 * 1_048_576;
/** It is large, and most people never look at one here. */
const PdfView = lazy(async () => ({ default: (await import('./pdf/pdf-view.tsx')).PdfView }));

interface PreviewProps {
  readonly at: CopyRef & { readonly path: string };
  readonly name: string;
}

/** The beginning of a text, or an image that is small enough; for others that there is none. */
export function Preview({ at, name }: PreviewProps): ReactElement {
  const limitBytes = limitFor(name);
  const preview = useAsk('file.preview', { ...at, limitBytes }, { staleMs: Infinity });
  if (preview.error) return <ErrorNotice error={preview.error} />;
  if (!preview.data) return <Waiting rows={3} rowPx={24} />;
  const { data } = preview;
  if (data.mediaType.startsWith('image/') && !data.truncated)
    return <Picture data={data} name={name} />;
  if (data.mediaType === 'application/pdf' && name.toLowerCase().endsWith('.pdf'))
    return <Pdf data={data} name={name} />;
  if (data.text === null)
    return <p className="quiet">{t('preview.none', { type: data.mediaType })}</p>;
  if (data.text === '') return <p className="quiet">{t('preview.empty')}</p>;
  return (
    <figure className={styles.preview}>
      <pre tabIndex={0} aria-label={t('preview.label', { name })}>
        {data.text}
      </pre>
      {data.truncated && (
        <figcaption>{t('preview.truncated', { size: formatSize(limitBytes) })}</figcaption>
      )}
    </figure>
  );
}

function limitFor(name: string): number {
  if (/\.pdf$/i.test(name)) return PDF_BYTES;
  return /\.(png|jpe?g|gif|webp|bmp|avif)$/i.test(name) ? IMAGE_BYTES : TEXT_BYTES;
}

interface ShownProps {
  readonly data: FilePreview;
  readonly name: string;
}

function Pdf({ data, name }: ShownProps): ReactElement {
  if (data.truncated)
    return <p className="quiet">{t('preview.pdfLarge', { size: formatSize(PDF_BYTES) })}</p>;
  return (
    <Suspense fallback={<Waiting rows={6} rowPx={40} />}>
      <PdfView key={data.base64.length} base64={data.base64} name={name} />
    </Suspense>
  );
}

function Picture({ data, name }: ShownProps): ReactElement {
  const address = useObjectUrl(data);
  const [broken, setBroken] = useState(false);
  if (broken) return <p className="quiet">{t('preview.broken')}</p>;
  return (
    <figure className={styles.preview}>
      {address && (
        <img src={address} alt={t('preview.label', { name })} onError={() => setBroken(true)} />
      )}
    </figure>
  );
}

function useObjectUrl(data: FilePreview): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    const bytes = Uint8Array.from(atob(data.base64), (c) => c.charCodeAt(0));
    const made = URL.createObjectURL(new Blob([bytes], { type: data.mediaType }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [data]);
  return address;
}
