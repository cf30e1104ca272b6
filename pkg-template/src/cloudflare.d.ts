declare module "cloudflare:workers" {
  export class DurableObject {
    constructor(state: object, env: unknown);
  }
}
