import type { Page } from '@playwright/test';

const WAIT_MS = 20_000;
const ATTEMPTS = 3;

/**
 * A picture of a page of the real service, for people to look at. Chromium has been seen to stop
 * drawing in the midst of one, for minutes (no frame after the call, the page idle): another is taken.
 */
export async function picture(page: Page, name: string): Promise<void> {
  const path = `test-results/real/${name}.png`;
  for (let attempt = 1; ; attempt += 1) {
    try {
      await page.screenshot({ path, timeout: WAIT_MS });
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}
