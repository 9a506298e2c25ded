/** The app's own scheme: a standard, secure origin, unlike file:, so that 'self' means the page. */
export const SCHEME = 'app';
export const PAGE_ORIGIN = `${SCHEME}://page`;
export const PAGE_URL = `${PAGE_ORIGIN}/index.html`;

/** True for the page itself, with whatever place in it; false for anything from elsewhere. */
export function isPageAddress(address: string): boolean {
  const url = URL.parse(address);
  // For a scheme that is not the web's own, URL.origin is 'null': compare the parts.
  return url !== null && url.protocol === `${SCHEME}:` && url.host === 'page';
}

/** As `dendro serve` sends it; the page carries the same policy itself. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
