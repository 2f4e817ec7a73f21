// The end-to-end tests' way into the world: the real server, a real browser whose process can be killed, a network that loses answers.
export { expect, test } from "./world.ts";
export type { World } from "./world.ts";
export { Browser } from "./browser.ts";
export type { Page } from "@playwright/test";
export { FaultProxy } from "./fault-proxy.ts";
export type { Exchange, Verdict } from "./fault-proxy.ts";
export { Server } from "./server.ts";
export { standStill, tryNow } from "./standstill.ts";
export type { Point } from "./standstill.ts";
