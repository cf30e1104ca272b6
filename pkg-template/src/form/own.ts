/**
 * A property of a form, or a method to be called, by the class of the form: on the form itself a control of that name, such as one that
 * is named `elements` or `action`, stands before it (HTML, 4.10.3).
 */
export function own<T extends object, Name extends keyof T>(form: T, name: Name): T[Name] {
  const value: unknown = Reflect.get((Object.getPrototypeOf(form) ?? {}) as object, name, form);
  return (typeof value === "function" ? value.bind(form) : value) as T[Name];
}
