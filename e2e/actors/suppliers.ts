// Suppliers for a list to hold.
import { expect, type Page } from "@playwright/test";

const CITIES = ["London", "Paris", "Cluj-Napoca"];

/** Makes suppliers as another program would, named by number: `Supplier 001` onwards; each third is in Paris, each second has the tag drinks. */
export async function makeSuppliers(page: Page, count: number): Promise<void> {
  const made = await page.evaluate(
    async ([count, cities]) => {
      const { csrf } = (await (await fetch("/api/v1/identity/session")).json()) as { csrf: string };
      const statuses: number[] = [];
      for (let number = 1; number <= count; number += 1) {
        const name = `Supplier ${String(number).padStart(3, "0")}`;
        const values = { name, address: { city: cities[number % cities.length] }, tags: number % 2 === 0 ? ["drinks", "organic"] : ["fish"] };
        const headers = { "content-type": "application/json", "x-holdfast-csrf": csrf };
        statuses.push((await fetch("/api/v1/procurement/suppliers", { method: "POST", headers, body: JSON.stringify({ values }) })).status);
      }
      return statuses;
    },
    [count, CITIES] as const,
  );
  expect(new Set(made)).toEqual(new Set([201]));
}
