import type { VerbContext } from '../engine/context.ts';
import type * as comparing from './compare/compare-places.ts';
import type * as browsing from './browse.ts';

type InputOf<F> = F extends (input: infer I, ...rest: never[]) => unknown ? I : never;
type OutputOf<F> = F extends (...args: never[]) => infer O ? Promise<Awaited<O>> : never;
type Verb<F> = (input: InputOf<F>, context: VerbContext) => OutputOf<F>;

/** The verbs of states that may lie anywhere; what they need is loaded with the first of them. */
export const placeVerbs = {
  comparePlaces: async (input, context) =>
    (await import('./compare/compare-places.ts')).comparePlaces(input, context),
  listPlaceFolder: async (input, context) =>
    (await import('./browse.ts')).listPlaceFolder(input, context),
  previewPlaceFile: async (input, context) =>
    (await import('./browse.ts')).previewPlaceFile(input, context),
} satisfies {
  comparePlaces: Verb<typeof comparing.comparePlaces>;
  listPlaceFolder: Verb<typeof browsing.listPlaceFolder>;
  previewPlaceFile: Verb<typeof browsing.previewPlaceFile>;
};
