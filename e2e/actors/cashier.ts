// A cashier at a till: signs in, sets the till up, sells with a scanner, looks at the tickets. Selects as a person would, by role and name.
import { expect, type Locator, type Page } from "@playwright/test";

/** Who signs in, of the demo companies. */
export interface SignIn {
  company: string;
  email: string;
  password: string;
}

export const ADA: SignIn = { company: "seahorse", email: "ada@seahorse.example", password: "seahorse-demo" };
export const ELIF: SignIn = { company: "seahorse", email: "elif@seahorse.example", password: "seahorse-demo" };
export const MARA: SignIn = { company: "seahorse", email: "mara@seahorse.example", password: "seahorse-demo" };
export const NOAH: SignIn = { company: "seahorse", email: "noah@seahorse.example", password: "seahorse-demo" };
export const BRUNO: SignIn = { company: "seahorse", email: "bruno@seahorse.example", password: "seahorse-demo" };
export const DENIS: SignIn = { company: "seahorse", email: "denis@seahorse.example", password: "seahorse-demo" };

/** A product of the demo, sold by the piece. */
export interface Product {
  code: string;
  priceMinor: number;
}

/** Signs in; what follows depends on who it is. */
export async function signIn(page: Page, url: string, who: SignIn): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("Company").fill(who.company);
  await page.getByLabel("E-mail").fill(who.email);
  await page.getByLabel("Password", { exact: true }).fill(who.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.waitForURL((address) => !address.pathname.startsWith("/sign-in"));
}

/** Someone who sells. */
export class Cashier {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Signs in and says which till this is to be. */
  async chooseTill(url: string, till: string, who: SignIn = DENIS): Promise<void> {
    await signIn(this.page, url, who);
    await this.page.goto(`${url}/set-up`);
    await expect(this.page.getByRole("heading", { name: "Which till is this?" })).toBeVisible();
    await this.page.getByLabel("Till", { exact: true }).selectOption({ label: `${till} · Harbour Street` });
  }

  /** Signs in and makes the device the till of that name. */
  async setUp(url: string, till: string, who: SignIn = DENIS): Promise<void> {
    await this.chooseTill(url, till, who);
    await this.page.getByRole("button", { name: "Use this till" }).click();
    for (const step of ["A PIN for quick changes", "Keep data on this device", "Install the app"]) {
      await expect(this.page.getByRole("heading", { name: step })).toBeVisible({ timeout: 30_000 });
      await this.page.getByRole("button", { name: "Skip" }).click();
    }
    await expect(this.page.getByRole("heading", { name: "Open the till" })).toBeVisible();
  }

  /** Opens the till with an empty drawer. */
  async open(): Promise<void> {
    await this.page.getByRole("button", { name: /^Open with/ }).click();
    await expect(this.page.getByText("Ready for the next customer")).toBeVisible();
  }

  /** Scans as a scanner does: quick keys, ending with Enter, wherever the focus is. */
  async scan(product: Product): Promise<void> {
    await this.burst(product.code, "Enter");
  }

  /** Keys as quick as a scanner's. */
  async burst(text: string, ...then: string[]): Promise<void> {
    // Within the page, so that the keys come as close together as a scanner sends them, however busy this machine is.
    await this.page.evaluate(
      (keys) => {
        const target = document.activeElement ?? document.body;
        for (const key of keys) target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      },
      [...text, ...then],
    );
  }

  /** Sells these products for cash, exactly. */
  async sell(products: Product[]): Promise<void> {
    const lines = this.page.getByRole("list", { name: "Lines on the ticket" }).getByRole("listitem");
    let total = 0;
    for (const product of products) {
      await this.scan(product);
      total += product.priceMinor;
      await expect(this.payButton).toContainText(money(total));
    }
    await expect(lines.first()).toBeVisible();
    await this.pay(total);
  }

  /** Takes exactly that much in cash for what lies on the till, and turns to the next customer. */
  async pay(minor: number): Promise<void> {
    await expect(this.payButton).toContainText(money(minor));
    await this.payButton.click();
    await this.page.getByRole("button", { name: /^Exact/ }).click();
    await this.nextCustomer();
  }

  /** Turns to the next customer, from a receipt or without one. */
  async nextCustomer(): Promise<void> {
    const next = this.page.getByRole("button", { name: "Next customer" });
    const ready = this.page.getByText("Ready for the next customer");
    await expect(next.or(ready)).toBeVisible();
    if (await next.isVisible()) await next.click();
    await expect(ready).toBeVisible();
  }

  /** Shows the session's tickets. */
  async lookAtTickets(): Promise<Locator> {
    await this.page.getByRole("link", { name: "Tickets" }).click();
    return this.ticketRows;
  }

  get ticketRows(): Locator {
    return this.page.getByRole("list", { name: "Tickets of this till session" }).getByRole("listitem");
  }

  /** Shows what the whole shop sold, whichever till did. */
  async shopTickets(): Promise<Locator> {
    await this.page.getByRole("link", { name: "Tickets" }).click();
    await this.page.getByText("Whole shop").click();
    return this.page.getByRole("list", { name: "Tickets of the shop" }).getByRole("listitem");
  }

  get payButton(): Locator {
    return this.page.getByRole("button", { name: /^Pay/ });
  }
}

/** As it stands on an English screen. */
export function money(minor: number): string {
  return (minor / 100).toFixed(2);
}
