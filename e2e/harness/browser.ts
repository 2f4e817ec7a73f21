// A real Chromium with a profile of its own, whose process can be killed and started again: a warm page with a flag is not "offline".
import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { killAll, treeOf } from "./processes.ts";
import { eventually } from "./waiting.ts";

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface BrowserOptions {
  viewport?: { width: number; height: number };
  colorScheme?: "light" | "dark";
}

/** What a page complained about: errors on the console, exceptions, broken policies. */
export interface Complaint {
  page: string;
  text: string;
}

/** A browser that runs, or did. */
export class Browser {
  readonly context: BrowserContext;
  readonly complaints: Complaint[] = [];
  readonly #profileDir: string;

  private constructor(context: BrowserContext, profileDir: string) {
    this.context = context;
    this.#profileDir = profileDir;
    context.on("console", (message) => {
      if (message.type() === "error") this.complaints.push({ page: message.location().url, text: message.text() });
    });
    context.on("weberror", (error) => this.complaints.push({ page: error.page()?.url() ?? "", text: String(error.error()) }));
  }

  /** Starts a browser on the profile; what an earlier one stored there is found again. */
  static async launch(profileDir: string, options: BrowserOptions = {}): Promise<Browser> {
    const context = await chromium.launchPersistentContext(profileDir, {
      executablePath: process.env["HOLDFAST_CHROMIUM"] ?? "/usr/bin/chromium",
      args: ARGUMENTS,
      viewport: { width: 1280, height: 800 },
      ...options,
    });
    return new Browser(context, profileDir);
  }

  /** A new tab at that address. */
  async open(url: string): Promise<Page> {
    const page = await this.context.newPage();
    await page.goto(url);
    return page;
  }

  /** Waits until a cookie lies on the disk. Chromium writes cookies there within half a minute; one that is younger dies with its process. */
  async keeps(cookie: string): Promise<void> {
    const files = ["Default/Cookies", "Default/Network/Cookies"].map((file) => join(this.#profileDir, file));
    const written = () => files.some((file) => existsSync(file) && readFileSync(file).includes(cookie));
    await eventually(`the cookie ${cookie} on the disk`, 60_000, () => (written() ? true : undefined));
  }

  /** Ends it as its user does. */
  async close(): Promise<void> {
    await this.context.close();
  }

  /** Kills its processes at once, as a dead battery does. */
  async kill(): Promise<void> {
    const closed = once(this.context as unknown as NodeJS.EventEmitter, "close");
    await killAll(treeOf(`--user-data-dir=${this.#profileDir}`));
    await closed;
  }
}
