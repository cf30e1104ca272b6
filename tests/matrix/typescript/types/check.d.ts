// What the type tests are written with. Each is about the type that comes first; it is only compiled.

/** Whether two types are the very same: optional and readonly members, too. */
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** The item is this very type. */
declare function same<Item, Type>(...differs: Equal<Item, Type> extends true ? [] : [{ item: Item; is: Type }]): void;

/** The item takes each of these values; one that it does not take has an `@ts-expect-error` before it. */
declare function takes<Item>(...values: readonly Item[]): void;
