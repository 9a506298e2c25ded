/** What is called again while it works, or soon after, does so once more and not each time. */
const PAUSE_MS = 500;

/**
 * Begins at once. Calls that come before it has ended and a pause is over are answered together by
 * one more turn, which begins after the last of them: nothing that was told is left out.
 */
export function coalesced(work: () => Promise<unknown>, pauseMs = PAUSE_MS): () => void {
  let isBusy = false;
  let again = false;
  const turn = async (): Promise<void> => {
    isBusy = true;
    do {
      again = false;
      // What fails is told where it is asked for.
      await work().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    } while (again);
    isBusy = false;
  };
  return () => {
    again = true;
    if (!isBusy) void turn();
  };
}
