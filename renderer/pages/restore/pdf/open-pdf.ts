import { getDocument, PDFWorker, type PDFDocumentProxy } from 'pdfjs-dist';

/** More pixels than that of one image are left out: a small file may claim any size. */
const MOST_IMAGE_PIXELS = 24_000_000;
const MOST_CANVAS_BYTES = 64 * 1024 * 1024;

export interface OpenPdf {
  readonly document: PDFDocumentProxy;
  close(): void;
}

/**
 * A document that may be anybody's. No script of it runs, no form is made, nothing is fetched: what
 * lies in it is drawn, without WebAssembly, which the page's policy forbids.
 *
 * @throws PasswordException, InvalidPDFException of pdf.js
 */
export async function openPdf(data: Uint8Array): Promise<OpenPdf> {
  const thread = new Worker(new URL('./pdf-worker.ts', import.meta.url), { type: 'module' });
  const worker = PDFWorker.create({ port: thread });
  const task = getDocument({
    ...{ data, worker, enableXfa: false, useWasm: false, useWorkerFetch: false },
    ...{ disableAutoFetch: true, disableStream: true, disableRange: true },
    ...{ maxImageSize: MOST_IMAGE_PIXELS, canvasMaxAreaInBytes: MOST_CANVAS_BYTES },
    verbosity: 0,
  });
  const close = (): void => {
    void task.destroy().catch(() => undefined);
    worker.destroy();
    thread.terminate();
  };
  try {
    return { document: await task.promise, close };
  } catch (error) {
    close();
    throw error;
  }
}
