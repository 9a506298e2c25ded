import type { VerbContext } from '../engine/context.ts';
import type * as comparing from './compare/compare-places.ts';
import type * as browsing from './browse.ts';
import type * as describing from './describe-place-entry.ts';
import type * as healing from './heal/heal-files.ts';
import type * as around from './recover/look-around.ts';
import type * as restoring from './restore/restore-place.ts';
import type * as forgetting from './restore/forget-restores.ts';
import type * as looking from './heal/look-for-damage.ts';

type InputOf<F> = F extends (input: infer I, ...rest: never[]) => unknown ? I : never;
type OutputOf<F> = F extends (...args: never[]) => infer O ? Promise<Awaited<O>> : never;
type Verb<F> = (input: InputOf<F>, context: VerbContext) => OutputOf<F>;

/** The verbs of states that may lie anywhere; what they need is loaded with the first of them. */
export const placeVerbs = {
  comparePlaces: async (input, context) =>
    (await import('./compare/compare-places.ts')).comparePlaces(input, context),
  describePlaceEntry: async (input, context) =>
    (await import('./describe-place-entry.ts')).describePlaceEntry(input, context),
  listPlaceFolder: async (input, context) =>
    (await import('./browse.ts')).listPlaceFolder(input, context),
  previewPlaceFile: async (input, context) =>
    (await import('./browse.ts')).previewPlaceFile(input, context),
  lookForDamage: async (input, context) =>
    (await import('./heal/look-for-damage.ts')).lookForDamage(input, context),
  healFiles: async (input, context) =>
    (await import('./heal/heal-files.ts')).healFiles(input, context),
  lookAround: async (input, context) =>
    (await import('./recover/look-around.ts')).lookAround(input, context),
  planPlaceRestore: async (input, context) =>
    (await import('./restore/restore-place.ts')).planPlaceRestore(input, context),
  restorePlace: async (input, context) =>
    (await import('./restore/restore-place.ts')).restorePlace(input, context),
  forgetRestores: async (input) =>
    (await import('./restore/forget-restores.ts')).forgetRestores(input),
} satisfies {
  comparePlaces: Verb<typeof comparing.comparePlaces>;
  describePlaceEntry: Verb<typeof describing.describePlaceEntry>;
  listPlaceFolder: Verb<typeof browsing.listPlaceFolder>;
  previewPlaceFile: Verb<typeof browsing.previewPlaceFile>;
  lookForDamage: Verb<typeof looking.lookForDamage>;
  healFiles: Verb<typeof healing.healFiles>;
  lookAround: Verb<typeof around.lookAround>;
  planPlaceRestore: Verb<typeof restoring.planPlaceRestore>;
  restorePlace: Verb<typeof restoring.restorePlace>;
  forgetRestores: Verb<typeof forgetting.forgetRestores>;
};
