// Parses in a thread of its own, from the page's own origin: the policy allows no other.
import 'pdfjs-dist/build/pdf.worker.min.mjs';
