// A change that the server refuses: the rest of the ticket is kept and goes on, and a task says what is not in the books, until somebody puts it away.
import { agreed, books } from "../../actors/books.ts";
import { Cashier, type Product } from "../../actors/cashier.ts";
import { expect, test, type Page } from "../../harness/index.ts";
import { isInOrder, TILL_TABLET_AND_PHONE } from "../../harness/in-order.ts";
import { readFileSync } from "node:fs";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };
const RAISIN_SWIRL: Product = { code: "9521000020092", priceMinor: 175 };
const MADELEINES: Product = { code: "9521000020184", priceMinor: 295 };
/** Longer than an engine waits until it tries again. */
const WITHIN_A_HEARTBEAT_MS = 45_000;
/** Turns a bit of the signature of the last change that waits, as a failing disk might. */
async function damageTheLastSignature(page: Page): Promise<void> {
  const damaged = await page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const name = (await indexedDB.databases()).map((database) => database.name ?? "").find((name) => /^holdfast-[\da-f-]{36}$/.test(name));
    const database = await done(indexedDB.open(name!));
    const outbox = database.transaction("outbox", "readwrite").objectStore("outbox");
    const cursor = await done(outbox.openCursor(null, "prev"));
    const row = cursor!.value as { cbor: Uint8Array };
    // The text `signature`, then a byte string of 64 bytes.
    const key = [..."signature"].map((letter) => letter.charCodeAt(0));
    const at = row.cbor.findIndex((_, start) => [...key, 0x58, 0x40].every((byte, offset) => row.cbor[start + offset] === byte));
    if (at < 0) return false;
    row.cbor[at + key.length + 2]! ^= 1;
    await done(outbox.put(row, cursor!.primaryKey));
    database.close();
    return true;
  });
  expect(damaged, "the change was signed").toBe(true);
}

/** Whether the last change that waits is signed; only then can its signature be damaged. */
async function lastIsSigned(page: Page): Promise<boolean> {
  return page.evaluate(async () => {
    const done = <T>(request: IDBRequest<T>) => new Promise<T>((resolve) => (request.onsuccess = () => resolve(request.result)));
    const name = (await indexedDB.databases()).map((database) => database.name ?? "").find((name) => /^holdfast-[\da-f-]{36}$/.test(name));
    const database = await done(indexedDB.open(name!));
    const cursor = await done(database.transaction("outbox").objectStore("outbox").openCursor(null, "prev"));
    const text = String.fromCharCode(...(cursor?.value as { cbor: Uint8Array }).cbor);
    database.close();
    return text.includes("signature\u0058\u0040");
  });
}

test("a_refused_line_leaves_the_ticket_and_its_task_says_what_was_lost_until_it_is_put_away", async ({ world }) => {
  test.setTimeout(240_000);
  const server = await world.startServer();
  const network = await world.startFaultProxy();
  const till = new Cashier(await (await world.launchBrowser("till")).open(network.url));
  const page = till.page;
  await till.setUp(network.url, "Till 1");
  await till.open();
  await expect.poll(() => server.query(`select 1 from sales_till_sessions`).length, { timeout: WITHIN_A_HEARTBEAT_MS }).toBe(1);

  network.cut();
  await till.scan(AVOCADO);
  await expect(till.payButton).toContainText("1.35");
  await till.scan(MADELEINES);
  await expect(till.payButton).toContainText("4.30");
  await expect.poll(() => lastIsSigned(page), { timeout: WITHIN_A_HEARTBEAT_MS }).toBe(true);
  await damageTheLastSignature(page);
  await till.scan(RAISIN_SWIRL);
  await expect(till.payButton).toContainText("6.05");
  network.heal();

  // What came after it is kept, what it said is not.
  await expect(page.getByRole("button", { name: "1 needs you" })).toBeVisible({ timeout: WITHIN_A_HEARTBEAT_MS });
  await expect(till.payButton).toContainText("3.10");
  await page.getByRole("button", { name: "1 needs you" }).click();
  const sheet = page.getByRole("dialog", { name: "Sync" });
  await expect(sheet).toContainText("Not accepted");
  await expect(sheet).toContainText(/Not in the books: .*Denis.* · Line added · 1 × .*Madeleines/i);
  await expect(sheet).toContainText("The rest of the ticket is kept.");
  await expect(sheet).toContainText("signature_wrong");
  await isInOrder(page, "task-refused", TILL_TABLET_AND_PHONE);

  const saved = page.waitForEvent("download");
  await sheet.getByRole("button", { name: "Export", exact: true }).click();
  const entry = JSON.parse(readFileSync(await (await saved).path(), "utf8")) as { reason: string; intent: { name: string } };
  expect([entry.reason, entry.intent.name]).toEqual(["signature_wrong", "sales.ticket.add_line"]);

  await sheet.getByRole("button", { name: "Dismiss" }).click();
  const asks = page.getByRole("dialog", { name: "Dismiss this entry?" });
  await isInOrder(page, "task-dismiss", TILL_TABLET_AND_PHONE);
  await asks.getByRole("button", { name: "Keep it" }).click();
  await expect(sheet).toContainText("signature_wrong");
  await sheet.getByRole("button", { name: "Dismiss" }).click();
  await asks.getByRole("button", { name: "Dismiss" }).click();
  await expect(sheet.getByText("signature_wrong")).toHaveCount(0);
  await page.keyboard.press("Escape");

  await till.payButton.click();
  await page.getByRole("button", { name: /^Exact/ }).click();
  await page.getByRole("button", { name: "Next customer" }).click();
  await expect.poll(() => books(server), { timeout: WITHIN_A_HEARTBEAT_MS }).toEqual(agreed(1, 135 + 175));
});
