/** Looks at options before they are used: whoever misspells one is told so, and by which name it goes. */

/** What is wrong with a value, or nothing. */
type Check = (value: unknown) => string | undefined;

/** Throws a TypeError that names the option and the remedy, for an option that does not exist or is not as it must be. */
export function checkOptions(of: string, options: unknown, checks: { readonly [name: string]: Check }): void {
  if (options === undefined) return;
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(`${of}: the options must be an object, not ${nameOf(options)}.`);
  }
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(checks, name) ? checks[name] : undefined;
    if (!check) throw new TypeError(`${of}: there is no option ${name}. There are: ${Object.keys(checks).join(", ")}.`);
    const fault = value === undefined ? undefined : check(value);
    if (fault) throw new TypeError(`${of}: ${name} ${fault}`);
  }
}

/** A whole number from `least` to `most`. */
export function whole(least: number, most = Number.MAX_SAFE_INTEGER): Check {
  return (value) =>
    Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `must be a whole number from ${least} to ${most}, not ${nameOf(value)}.`;
}

/** Milliseconds that a timer can wait. */
export const milliseconds = (least: number): Check => whole(least, 2 ** 31 - 1);

/** One of these texts. */
export function oneOf(...values: string[]): Check {
  return (value) =>
    values.includes(value as string) ? undefined : `must be ${values.map((value) => `"${value}"`).join(" or ")}, not ${nameOf(value)}.`;
}

export const aFunction: Check = (value) => (typeof value === "function" ? undefined : `must be a function, not ${nameOf(value)}.`);

export const aBoolean: Check = (value) => (typeof value === "boolean" ? undefined : `must be true or false, not ${nameOf(value)}.`);

export const signal: Check = (value) =>
  typeof value === "object" && value !== null && "aborted" in value && "addEventListener" in value
    ? undefined
    : `must be an AbortSignal, not ${nameOf(value)}; give the signal of a controller: controller.signal.`;

/** What the ids and keys of batches are made from. */
export const submissionId: Check = (value) =>
  typeof value === "string" && /^[A-Za-z0-9._:-]{1,100}$/.test(value)
    ? undefined
    : `must be 1 to 100 characters of A-Z, a-z, 0-9, ".", "_", ":" and "-".`;

/** The options that every call with a validator in it has. That the codes exist is seen later, where they are known. */
export const rules = {
  severity: byCode((value) => value === "error" || value === "warning" || value === "off", `"error", "warning" or "off"`),
  messages: byCode((value) => typeof value === "string" || typeof value === "function", "a text or a function"),
};

function byCode(fits: (value: unknown) => boolean, wanted: string): Check {
  return (value) => {
    if (typeof value !== "object" || value === null) return `must be an object by rule, not ${nameOf(value)}.`;
    const wrong = Object.entries(value).find(([, value]) => value !== undefined && !fits(value));
    return wrong && `has for ${wrong[0]} ${nameOf(wrong[1])}; it must be ${wanted}.`;
  };
}

/** A value for a message: short texts and numbers as they are, of all else the type. */
export function nameOf(value: unknown): string {
  if (typeof value === "string") return value.length > 40 ? "a long text" : JSON.stringify(value);
  if (typeof value === "number" || typeof value === "boolean" || value === null || value === undefined) return String(value);
  return Array.isArray(value) ? "a list" : `a value of type ${typeof value}`;
}
