// A shop with as many products as a till must bear, and its scanner with a stopwatch.
import type { Page, Server, World } from "../harness/index.ts";

export const PRODUCTS = 50_000;

/** The server of a shop with that many products. */
export async function largeShop(world: World): Promise<Server> {
  world.seed(PRODUCTS);
  return world.startServer();
}

/** Codes of products that are sold by the piece, of all parts of the catalogue. */
export function someCodes(server: Server, count: number): string[] {
  const rows = server.query<{ code: string }>(`select right(b.lookup_key, 13) as code
    from product_barcodes b join products p on p.tid = b.tid and p.id = b.product join tenants t on t.tid = b.tid
    where t.slug = 'seahorse' and p.unit = 'piece' and b.lookup_key ~ '^0[0-9]{13}$' order by md5(b.lookup_key) limit ${count}`);
  if (rows.length < count) throw new Error(`only ${rows.length} products can be scanned`);
  return rows.map(({ code }) => code);
}

/** How many receipt numbers the server has reserved for its devices. */
export function reservedNumbers(server: Server): number {
  return server.query<{ numbers: number }>(`select coalesce(sum(last - first + 1), 0)::int as "numbers" from sales_receipt_blocks`)[0]?.numbers ?? 0;
}

/** Scans in the page, and answers the milliseconds from the first key to the frame that shows one line more. */
export async function scanToLine(page: Page, code: string): Promise<number> {
  return page.evaluate(
    async (keys) => {
      const lines = () => document.querySelectorAll('[aria-label="Lines on the ticket"] > li').length;
      const before = lines();
      const started = performance.now();
      const shown = new Promise<void>((resolve) => {
        const observer = new MutationObserver(() => {
          if (lines() <= before) return;
          observer.disconnect();
          requestAnimationFrame(() => resolve());
        });
        observer.observe(document.body, { childList: true, subtree: true });
      });
      const target = document.activeElement ?? document.body;
      for (const key of keys) target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
      await shown;
      return performance.now() - started;
    },
    [...code, "Enter"],
  );
}

/** Takes exact cash for what lies on the till. */
export async function pay(page: Page): Promise<void> {
  await page.getByRole("button", { name: /^Pay/ }).click();
  await page.getByRole("button", { name: /^Exact/ }).click();
  await page.getByRole("button", { name: "Next customer" }).click();
  await page.getByText("Ready for the next customer").waitFor();
}
