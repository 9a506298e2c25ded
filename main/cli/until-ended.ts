/** Resolves when the process is asked to end, and then no longer listens to such signals. */
export function ended(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
