/** The door to the network: the platform's `fetch`, so that provider SDKs can be handed it unchanged. */

export interface NetworkPort {
  /** As the global `fetch`; `init.signal` cancels request and body. */
  readonly fetch: typeof globalThis.fetch;
}
