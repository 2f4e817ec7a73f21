// What needs the office: what is held is released or rejected, an exception is taken on and resolved, a device is taken back; by keyboard, live, in both
// themes, at a desk and on a phone.
import { ADA, Cashier, signIn, type Product } from "../../actors/cashier.ts";
import { expect, test } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };
/** Longer than an engine waits until it tries again. */
const WITHIN_A_HEARTBEAT_MS = 45_000;
test("the_office_decides_what_is_held_resolves_what_is_odd_and_takes_a_device_back", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const network = await world.startFaultProxy();
  const till = new Cashier(await (await world.launchBrowser("till")).open(network.url));
  await till.setUp(network.url, "Till 1");
  // Receipt numbers are asked for last, so by then all else is there to work without a network.
  const blocks = () => server.query<{ blocks: number }>(`select count(*)::int as "blocks" from sales_receipt_blocks`)[0]?.blocks;
  await expect.poll(blocks, { timeout: WITHIN_A_HEARTBEAT_MS }).toBeGreaterThan(0);

  const office = await (await world.launchBrowser("office")).open(server.url);
  await signIn(office, server.url, ADA);
  await office.goto(`${server.url}/office/attention`);
  await expect(office.getByText("Nothing to look at")).toBeVisible();
  await expect(office.getByText("Nothing is held")).toBeVisible();
  await isInOrder(office, "attention-empty", DESK_AND_PHONE, { fullPage: true });
  await office.getByRole("link", { name: "Devices" }).click();
  const row = office.getByRole("row").filter({ hasText: "Denis" });
  await expect(row).toContainText("In use");
  await isInOrder(office, "devices", DESK_AND_PHONE, { fullPage: true });

  // The till goes on without a network; meanwhile the office takes the device back.
  network.cut();
  await till.open();
  await till.sell([AVOCADO]);
  await row.getByRole("button", { name: "Revoke" }).click();
  const dialog = office.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: "Revoke" })).toBeDisabled();
  await dialog.getByLabel("Reason").fill("Left in a taxi.");
  await isInOrder(office, "revoke", DESK_AND_PHONE, { fullPage: true });
  await dialog.getByRole("button", { name: "Revoke" }).click();
  await expect(row).toContainText("Left in a taxi.");

  await office.getByRole("link", { name: "Needs attention" }).click();
  network.heal();
  const held = office.getByRole("list", { name: "Held for a decision" }).getByRole("listitem");
  await expect(held).toHaveCount(4, { timeout: WITHIN_A_HEARTBEAT_MS });
  const payment = held.filter({ hasText: "Paid in cash" });
  await expect(payment).toContainText("The right had been withdrawn.");
  await payment.getByText("Details").click();
  await isInOrder(office, "attention-held", DESK_AND_PHONE, { fullPage: true });

  // What the payment rests on is released with it, in order.
  await payment.getByRole("button", { name: "Release" }).click();
  await expect(dialog).toContainText("2 acts that it rests on are released first.");
  await dialog.getByLabel("Reason").fill("Denis has the cash.");
  await isInOrder(office, "release", DESK_AND_PHONE, { fullPage: true });
  await dialog.getByRole("button", { name: "Release" }).click();
  await expect(held).toHaveCount(1, { timeout: WITHIN_A_HEARTBEAT_MS });
  const completed = server.query<{ tickets: number }>(`select count(*)::int as "tickets" from sales_tickets where status = 'completed'`);
  expect(completed).toEqual([{ tickets: 1 }]);

  // The opening of the till is still held, so the sale has no till session that the books know: something to look at.
  const odd = office.getByRole("list", { name: "To look at" }).getByRole("listitem");
  await expect(odd).toContainText("The till session has not arrived");
  await odd.getByRole("button", { name: "Take on" }).click();
  await expect(odd).toContainText("Ada Morel sees to it");
  await isInOrder(office, "attention-exception", DESK_AND_PHONE, { fullPage: true });
  await odd.getByRole("button", { name: "Resolve" }).click();
  await dialog.getByLabel("Reason").fill("The opening was rejected: the drawer was counted by hand.");
  await dialog.getByRole("button", { name: "Resolve" }).click();
  await expect(office.getByText("Nothing to look at")).toBeVisible();

  await held.getByRole("button", { name: "Reject" }).click();
  await dialog.getByLabel("Reason").fill("It never happened.");
  await dialog.getByRole("button", { name: "Reject" }).click();
  await expect(office.getByText("Nothing is held")).toBeVisible();
  const decisions = server.query<{ verdict: string; count: number }>(
    `select verdict, count(*)::int as "count" from sync_decisions group by 1 order by 1`,
  );
  expect(decisions).toEqual([
    { verdict: "rejected", count: 1 },
    { verdict: "released", count: 3 },
  ]);

  await office.getByRole("link", { name: "Devices" }).click();
  await expect(row).toContainText("Revoked");
});
