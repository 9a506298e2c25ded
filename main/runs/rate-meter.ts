const WINDOW_MS = 5_000;
const SAMPLE_MS = 250;

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** Bytes a second over the last seconds: follows a drive that slows down, ignores a hiccup. */
export class RateMeter {
  #samples: Sample[] = [];

  add(bytes: number, atMs: number): void {
    const last = this.#samples.at(-1);
    // Close samples would make the window hold thousands of them.
    if (last && atMs - last.atMs < SAMPLE_MS && this.#samples.length > 1) this.#samples.pop();
    this.#samples.push({ atMs, bytes });
    const firstInside = this.#samples.findIndex((sample) => atMs - sample.atMs <= WINDOW_MS);
    // One sample before the window stays, so that there is always a span to measure.
    if (firstInside > 1) this.#samples.splice(0, firstInside - 1);
  }

  get bytesPerSecond(): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.atMs === first.atMs) return 0;
    return ((last.bytes - first.bytes) * 1_000) / (last.atMs - first.atMs);
  }
}
