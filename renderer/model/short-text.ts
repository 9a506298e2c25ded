/**
 * A name that is too long for a sentence keeps its beginning and its end: many differ in the end
 * alone. No letter is taken apart from its accents.
 */
export function shortened(text: string, most = 48): string {
  if (text.length <= most) return text;
  const letters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  if (letters.length <= most) return text;
  const tail = Math.floor((most - 1) / 3);
  return `${letters
    .slice(0, most - 1 - tail)
    .join('')
    .trimEnd()}…${letters.slice(-tail).join('').trimStart()}`;
}
