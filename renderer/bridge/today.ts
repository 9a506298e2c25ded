import { useSyncExternalStore } from 'react';

/** A timer does not run while the computer sleeps: soon after it wakes this is seen. */
const LOOK_MS = 15_000;

/**
 * The day that it is. Whoever uses it is drawn anew on the next one: "safe up to 14:05 today" would
 * stand in a window that was left open over night.
 */
export function useToday(): string {
  return useSyncExternalStore(onNewDay, today);
}

/** Calls back when the day is another one, whatever the clock did. Returns what ends that. */
export function onNewDay(changed: () => void): () => void {
  let day = today();
  const timer = setInterval(() => {
    if (day === today()) return;
    day = today();
    changed();
  }, LOOK_MS);
  return () => clearInterval(timer);
}

function today(): string {
  return new Date().toDateString();
}
