// Events that a part of the server fails on: parked, shown, replayed, dismissed; and every type there is; at a desk and on a phone, in both themes.
import { ADA, Cashier, DENIS, signIn, type Product } from "../../actors/cashier.ts";
import { expect, test } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };
/** Longer than the server waits until it tries an event again. */
const WITHIN_A_PAUSE_MS = 90_000;
/** The figures cannot be written, as if a mistake of ours were in them. */
const BREAK = `
  create function figures_are_broken() returns trigger language plpgsql as $$ begin raise exception 'the figures are out of order'; end $$;
  create trigger broken before insert or update on reporting_takings for each row execute function figures_are_broken()`;
const MEND = `drop trigger broken on reporting_takings`;
/** Instead of nine tries over some minutes. */
const LAST_TRY = `update event_setbacks set tries = 9, next_try_at = now() where tries between 1 and 8`;

test("what_a_part_of_the_server_fails_on_is_parked_and_seen_to_by_the_office", async ({ world }) => {
  test.setTimeout(300_000);
  world.expectFaults();
  const server = await world.startServer();
  server.execute(BREAK);
  const till = new Cashier(await (await world.launchBrowser("till")).open(server.url));
  await till.setUp(server.url, "Till 1");
  await till.open();

  const office = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(office, server.url, ADA);
  await office.goto(`${server.url}/office`);
  await office.getByRole("link", { name: "Events" }).click();
  await expect(office.getByText("Everything was worked through")).toBeVisible();
  const types = office.getByRole("list", { name: "What is published" });
  const payments = types.getByRole("listitem").filter({ hasText: "payment.received" });
  await expect(payments).toContainText("Heard by reporting.takings, sales.awaited_tickets");
  await payments.locator("summary").click();
  await expect(payments).toContainText("urn:holdfast:schema:payment.received:1");
  await isInOrder(office, "events-empty", DESK_AND_PHONE);

  await till.sell([AVOCADO]);
  const parked = () => {
    server.execute(LAST_TRY);
    return server.query<{ parked: number }>(`select count(parked_at)::int as "parked" from event_setbacks`)[0]?.parked;
  };
  await expect.poll(parked, { timeout: WITHIN_A_PAUSE_MS }).toBe(2);
  await office.reload();
  const rows = office.getByRole("list", { name: "Could not be worked through" }).getByRole("listitem");
  await expect(rows).toHaveCount(2);
  const payment = rows.filter({ hasText: "payment.received" });
  await expect(payment).toContainText("reporting.takings failed on it");
  await expect(payment).toContainText("Tried 10 times.");
  await payment.getByText("Details").click();
  await expect(payment).toContainText("the figures are out of order");
  await isInOrder(office, "events-parked", DESK_AND_PHONE);

  await payment.getByRole("button", { name: "Replay" }).click();
  await expect(office.getByText("It failed once more")).toBeVisible();
  await expect(payment).toContainText("Tried 11 times.");

  // Mended, it has its effect; the other is given up, with a reason.
  server.execute(MEND);
  await payment.getByRole("button", { name: "Replay" }).click();
  await expect(rows).toHaveCount(1);
  expect(server.query(`select sum(gross_minor)::int as "taken" from reporting_takings`)).toEqual([{ taken: 135 }]);
  await rows.getByRole("button", { name: "Dismiss" }).click();
  const dialog = office.getByRole("dialog");
  await expect(dialog.getByRole("button", { name: "Dismiss" })).toBeDisabled();
  await dialog.getByLabel("Reason").fill("Counted by hand.");
  await isInOrder(office, "events-dismiss", DESK_AND_PHONE);
  await dialog.getByRole("button", { name: "Dismiss" }).click();
  await expect(office.getByText("Everything was worked through")).toBeVisible();
  const audited = server.query(`select action, reason from audit_entries where kind = 'events.event' order by ordinal`);
  expect(audited).toEqual([
    { action: "replay", reason: null },
    { action: "replay", reason: null },
    { action: "dismiss", reason: "Counted by hand." },
  ]);
});

test("a_cashier_sees_no_events", async ({ world }) => {
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office")).open(server.url);
  await signIn(page, server.url, DENIS);
  await page.goto(`${server.url}/office/events`);
  await expect(page.getByText("Your role does not show you this").first()).toBeVisible();
  await expect(page.getByRole("link", { name: "Events" })).toHaveCount(0);
});
