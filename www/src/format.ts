// Numbers and sizes as people read them.

const numbers = new Intl.NumberFormat("en");

/** `1,234` */
export function number(value: number): string {
  return numbers.format(value);
}

/** `1 order`, `830 orders`, `2 batches` */
export function count(value: number, one: string, many = `${one}s`): string {
  return `${number(value)} ${value === 1 ? one : many}`;
}

/** Bytes in the unit that leaves a short number: `774 KB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  if (bytes < 1_000_000) return `${number(Math.round(bytes / 1000))} KB`;
  return `${number(Math.round(bytes / 100_000) / 10)} MB`;
}

/** Cuts a long text and says so with an ellipsis. Counts code points, so that no character is halved. */
export function shorten(text: string, limit: number): string {
  const points = Array.from(text.length > limit * 4 ? text.slice(0, limit * 4) : text);
  return points.length > limit ? `${points.slice(0, limit - 1).join("")}…` : text;
}

/** `orderLines` and `not_a_date` as words: the last resort where nothing better is known. */
export function words(identifier: string): string {
  const spaced = identifier
    .replace(/_/g, " ")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .toLowerCase();
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
