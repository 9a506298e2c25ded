/** The few things that the page uses of pdf.js: a narrow door to a large library. */
declare module 'pdfjs-dist' {
  interface PageViewport {
    readonly width: number;
    readonly height: number;
  }
  interface PDFPageProxy {
    getViewport(options: { readonly scale: number }): PageViewport;
    render(options: { readonly canvas: HTMLCanvasElement; readonly viewport: PageViewport }): {
      readonly promise: Promise<void>;
      cancel(): void;
    };
  }
  export interface PDFDocumentProxy {
    readonly numPages: number;
    getPage(number: number): Promise<PDFPageProxy>;
  }
  export class PDFWorker {
    static create(options: { readonly port: Worker }): PDFWorker;
    destroy(): void;
  }
  export function getDocument(options: {
    readonly data: Uint8Array;
    readonly worker: PDFWorker;
    readonly enableXfa: boolean;
    readonly useWasm: boolean;
    readonly useWorkerFetch: boolean;
    readonly disableAutoFetch: boolean;
    readonly disableStream: boolean;
    readonly disableRange: boolean;
    readonly maxImageSize: number;
    readonly canvasMaxAreaInBytes: number;
    readonly verbosity: number;
  }): { readonly promise: Promise<PDFDocumentProxy>; destroy(): Promise<void> };
}

declare module 'pdfjs-dist/build/pdf.worker.min.mjs';
