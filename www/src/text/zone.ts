// Dates and times that do not say their time zone, and what they are in UTC once a person says it.

const WITHOUT_ZONE = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?$/;

/** Whether a text is a date and time that only lacks its zone, as databases export them. */
export function lacksZone(text: string): boolean {
  return WITHOUT_ZONE.test(text);
}

/**
 * The moment that the text names in an IANA time zone, as `YYYY-MM-DDThh:mm:ssZ`; undefined when there is no such date.
 * A time that the change to summer time skips or repeats is read by the offset that holds before the change.
 */
export function toUtc(text: string, zone: string): string | undefined {
  const found = WITHOUT_ZONE.exec(text);
  if (!found) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1).map((part) => Number(part ?? 0));
  const wall = Date.UTC(year, month - 1, day, hour, minute, second);
  const written = new Date(wall);
  if (written.getUTCMonth() !== month - 1 || written.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59) return undefined;
  const guess = wall - offset(wall, zone);
  const moment = wall - offset(guess, zone);
  return `${new Date(moment).toISOString().slice(0, 19)}Z`;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** What a zone's clocks are ahead of UTC at a moment, in milliseconds. */
function offset(moment: number, zone: string): number {
  if (zone === "UTC") return 0;
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en", {
      timeZone: zone,
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
    formats.set(zone, format);
  }
  const parts: Partial<Record<Intl.DateTimeFormatPartTypes, number>> = {};
  for (const { type, value } of format.formatToParts(moment)) parts[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second) - moment;
}

/** The zones to choose from: UTC, the browser's own, then all others by name. */
export function zones(): readonly string[] {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return [...new Set(["UTC", own, ...Intl.supportedValuesOf("timeZone")])];
}
