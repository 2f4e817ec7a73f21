// What a test runs in: a folder, a server on a port of its own, browsers, perhaps a faulty network; all gone when the test ends.
import { expect as playwrightExpect, test as base, type TestInfo } from "@playwright/test";
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Browser, type BrowserOptions } from "./browser.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { Server, faultsIn, freePort, required } from "./server.ts";

/** Everything of one test. */
export class World {
  readonly #folder: string;
  readonly #info: TestInfo;
  readonly #port: number;
  readonly #browsers: Browser[] = [];
  readonly #proxies: FaultProxy[] = [];
  #server: Server | undefined;
  #faultsExpected = false;

  private constructor(folder: string, port: number, info: TestInfo) {
    this.#folder = folder;
    this.#port = port;
    this.#info = info;
  }

  static async create(info: TestInfo): Promise<World> {
    // Not below a private home, and short: Postgres runs as another user, and its socket's path has a limit.
    const folder = mkdtempSync("/var/tmp/holdfast-e2e-");
    chmodSync(folder, 0o755);
    return new World(folder, await freePort(), info);
  }

  /** The server that runs now. */
  get server(): Server {
    if (this.#server === undefined) throw new Error("no server was started");
    return this.#server;
  }

  /** Starts the server, or starts it again on the same data and the same port. */
  async startServer({ app = this.app, extraArguments = [] }: { app?: string; extraArguments?: string[] } = {}): Promise<Server> {
    if (this.#server?.runs) throw new Error("the server runs already");
    this.#server = await Server.start({ dataDir: this.folder("data"), app, port: this.#port, logFile: this.#serverLog, extraArguments });
    return this.#server;
  }

  /** Gives the demo company so many generated products beside its own, before the server is started. */
  seed(products: number): void {
    execFileSync(required("HOLDFAST_SERVER"), ["seed", "--data", this.folder("data"), "--products", String(products)], { stdio: "ignore" });
  }

  /** The browsers that were started, the oldest first. */
  get browsers(): readonly Browser[] {
    return this.#browsers;
  }

  /** The built app. */
  get app(): string {
    return required("HOLDFAST_APP");
  }

  /** The path of a folder of this test's own. */
  folder(name: string): string {
    return join(this.#folder, name);
  }

  /** Puts a faulty network in front of the server. Open pages at its address then. */
  async startFaultProxy(): Promise<FaultProxy> {
    const proxy = await FaultProxy.start(this.#port);
    this.#proxies.push(proxy);
    return proxy;
  }

  /** Starts a browser on the profile of that name: of the same name, what it stored is found again. */
  async launchBrowser(profile: string, options: BrowserOptions = {}): Promise<Browser> {
    const browser = await Browser.launch(this.folder(`profile-${profile}`), options);
    this.#browsers.push(browser);
    return browser;
  }

  /** Says that this test makes the server log faults, such as by killing its database. */
  expectFaults(): void {
    this.#faultsExpected = true;
  }

  /** Ends everything, and fails the test where the server logged a fault that nobody expected. */
  async end(): Promise<void> {
    for (const browser of this.#browsers) await browser.close();
    for (const proxy of this.#proxies) await proxy.close();
    await this.#server?.stop();
    rmSync(this.#folder, { recursive: true, force: true });
    if (!existsSync(this.#serverLog)) return;
    await this.#info.attach("server.log", { path: this.#serverLog, contentType: "text/plain" });
    if (!this.#faultsExpected) playwrightExpect(faultsIn(this.#serverLog), "faults in the server's log").toEqual([]);
  }

  get #serverLog(): string {
    return this.#info.outputPath("server.log");
  }
}

export const test = base.extend<{ world: World }>({
  // Playwright finds out what a fixture needs by its first parameter's pattern, hence the empty one.
  world: async ({}, use, info) => {
    const world = await World.create(info);
    try {
      await use(world);
    } finally {
      await world.end();
    }
  },
});

export const expect = playwrightExpect;
