// A till whose browser is killed at a given point of what it does, and started again on what its disk holds.
import { Cashier } from "./cashier.ts";
import { type Browser, expect, type FaultProxy, type Point, standStill, tryNow, type World } from "../harness/index.ts";

export class MortalTill {
  readonly network: FaultProxy;
  readonly #world: World;
  #browser: Browser;
  #cashier: Cashier;

  private constructor(world: World, network: FaultProxy, stood: { browser: Browser; cashier: Cashier }) {
    this.#world = world;
    this.network = network;
    this.#browser = stood.browser;
    this.#cashier = stood.cashier;
  }

  /** Sets it up behind a network of its own. It is closed once in peace: that puts the session's cookie on the disk at once. */
  static async setUp(world: World, name = "Till 1"): Promise<MortalTill> {
    await world.startServer();
    const network = await world.startFaultProxy();
    const browser = await world.launchBrowser("till");
    const cashier = new Cashier(await browser.open(network.url));
    await cashier.setUp(network.url, name);
    await cashier.open();
    await browser.close();
    const till = new MortalTill(world, network, { browser, cashier });
    await till.start();
    return till;
  }

  /** Who stands at it now; another one after each death. */
  get cashier(): Cashier {
    return this.#cashier;
  }

  /** Does something and dies at that point of it. */
  async dieAt(point: Point, act: () => Promise<unknown>): Promise<void> {
    const stands = await standStill(this.#cashier.page, this.network, point);
    await act();
    await stands();
    await this.kill();
  }

  /** Dies at once. */
  async kill(): Promise<void> {
    await this.#browser.kill();
  }

  /** Starts again; done when one can sell. */
  async start(): Promise<Cashier> {
    this.#browser = await this.#world.launchBrowser("till");
    this.#cashier = new Cashier(await this.#browser.open(`${this.network.url}/till`));
    await expect(this.#cashier.payButton).toBeVisible({ timeout: 30_000 });
    return this.#cashier;
  }

  /** Takes the network away. */
  offline(): void {
    this.network.cut();
  }

  /** Gives it back, and says so as the browser does. */
  async online(): Promise<void> {
    this.network.heal();
    await tryNow(this.#cashier.page);
  }
}
