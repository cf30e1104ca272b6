/** Stands where there are no Durable Objects, so that the class of the vault can be made, and tested, in any runtime. */
export class DurableObject {
  constructor(_state: object, _env: unknown) {}
}
