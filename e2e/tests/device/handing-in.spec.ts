// A device that will not come online again: what it sold is carried as a file by a colleague's till, and by the office, and is in the books once.
import { agreed, books } from "../../actors/books.ts";
import { ADA, Cashier, ELIF, signIn, type Product } from "../../actors/cashier.ts";
import { expect, test, type FaultProxy, type Page, type World } from "../../harness/index.ts";
import { isInOrder, TILL_TABLET_AND_PHONE } from "../../harness/in-order.ts";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

const AVOCADO: Product = { code: "9521000010239", priceMinor: 135 };
const MADELEINES: Product = { code: "9521000020184", priceMinor: 295 };
const TAKEN = 2 * 135 + 295;
/** Longer than an engine waits until it tries again. */
const WITHIN_A_HEARTBEAT_MS = 45_000;
/** The answer has arrived as well, so nothing of the opening is in any file: a device pulls once it has stored the answers to its push. */
async function openingIsAnswered(network: FaultProxy): Promise<void> {
  const last = (path: RegExp) => network.carried.findLastIndex((carried) => path.test(carried.path));
  const answered = () => last(/\/sync\/push$/) >= 0 && last(/\/sync\/pull/) > last(/\/sync\/push$/);
  await expect.poll(answered, { timeout: WITHIN_A_HEARTBEAT_MS }).toBe(true);
}

/** A till with a network of its own, set up and open. */
async function openTill(world: World, profile: string, till: string, who = ELIF) {
  const network = await world.startFaultProxy();
  const cashier = new Cashier(await (await world.launchBrowser(profile)).open(network.url));
  await cashier.setUp(network.url, till, who);
  await cashier.open();
  await openingIsAnswered(network);
  return { network, cashier, page: cashier.page };
}

/** Saves what waits as a file; the answer is where it lies. */
async function saveFile(page: Page, folder: string): Promise<string> {
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Save as a file" }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toMatch(/^holdfast-Till-1-[\d-]+\.holdfast$/);
  const path = join(folder, download.suggestedFilename());
  await download.saveAs(path);
  return path;
}

const offline = (page: Page) => page.getByRole("button", { name: /^Offline/ });

test("what_a_dead_network_chip_keeps_back_is_handed_in_by_another_till_and_is_in_the_books_once", async ({ world }) => {
  test.setTimeout(300_000);
  const server = await world.startServer();
  const first = await openTill(world, "first", "Till 1");
  const second = await openTill(world, "second", "Till 2");

  first.network.cut();
  await first.cashier.sell([AVOCADO, MADELEINES]);
  await first.cashier.sell([AVOCADO]);
  await expect(offline(first.page)).toBeVisible({ timeout: WITHIN_A_HEARTBEAT_MS });
  await offline(first.page).click();
  await isInOrder(first.page, "sync-sheet-offline", TILL_TABLET_AND_PHONE);
  const file = await saveFile(first.page, world.folder("."));
  await expect(first.page.getByText(/^Saved as holdfast-Till-1/)).toBeVisible();
  await first.page.getByRole("link", { name: "Show details" }).click();
  const waiting = first.page.getByRole("list", { name: "What waits" }).getByRole("listitem");
  await expect(waiting).toHaveCount(2);
  await expect(waiting.first()).toContainText("saved here, not sent yet");
  await expect(first.page.getByText(/Out of reach since .* without success/)).toBeVisible();
  // Each says how often it was tried, when last, why it did not go and when it goes again, in every tab.
  const tried = /Tried (once|[\d,]+ times) · last .* · the server was out of reach · next try at \d\d:\d\d:\d\d/;
  for (const place of [0, 1]) await expect(waiting.nth(place)).toContainText(tried, { timeout: WITHIN_A_HEARTBEAT_MS });
  await isInOrder(first.page, "waiting-offline", TILL_TABLET_AND_PHONE);

  // The colleague's till has no network either: the file waits there, and that device cannot be erased.
  second.network.cut();
  await second.page.goto(`${second.network.url}/waiting`);
  await second.page.getByLabel("Hand in a file").setInputFiles(file);
  await expect(second.page.getByText("Kept here, sent when there is a network")).toBeVisible();
  await second.page.goto(`${second.network.url}/settings/erase`);
  await expect(second.page.getByRole("button", { name: "Erase this device" })).toBeDisabled();
  await second.page.goto(`${second.network.url}/waiting`);
  await expect(second.page.getByText("Kept here, sent when there is a network")).toBeVisible();
  await isInOrder(second.page, "waiting-carried", TILL_TABLET_AND_PHONE);
  expect(books(server)).toEqual(agreed(0, 0));

  second.network.heal();
  await second.page.getByRole("button", { name: "Try now" }).click();
  await expect(second.page.getByText("Handed in", { exact: true })).toBeVisible({ timeout: WITHIN_A_HEARTBEAT_MS });
  await expect(second.page.getByText(/From Till 1, Harbour Street/)).toBeVisible();
  expect(books(server)).toEqual(agreed(2, TAKEN));
  await isInOrder(second.page, "waiting-handed-in", TILL_TABLET_AND_PHONE);
  await second.page.getByRole("button", { name: "Understood" }).click();
  await expect(second.page.getByText("Handed in", { exact: true })).toHaveCount(0);

  // The first one comes online after all, and is answered like whoever sends twice.
  first.network.heal();
  await first.page.getByRole("button", { name: "Try now" }).click();
  await expect(first.page.getByText("Everything is accepted")).toBeVisible({ timeout: WITHIN_A_HEARTBEAT_MS });
  await first.page.goto(`${first.network.url}/till`);
  await expect((await first.cashier.lookAtTickets()).filter({ hasText: "Accepted" })).toHaveCount(2);
  expect(books(server)).toEqual(agreed(2, TAKEN));
});

test("the_office_hands_a_file_in_and_sees_what_came_of_it_also_of_one_that_is_none", async ({ world }) => {
  test.setTimeout(240_000);
  const server = await world.startServer();
  const first = await openTill(world, "first", "Till 1");
  first.network.cut();
  await first.cashier.sell([AVOCADO]);
  await expect(offline(first.page)).toBeVisible({ timeout: WITHIN_A_HEARTBEAT_MS });
  await offline(first.page).click();
  const file = await saveFile(first.page, world.folder("."));

  const office = await (await world.launchBrowser("office")).open(server.url);
  await signIn(office, server.url, ADA);
  await office.goto(`${server.url}/office/devices`);
  await office.getByRole("link", { name: "Hand in a file" }).click();
  const field = office.getByLabel("Hand in a file");
  const poem = join(world.folder("."), "poem.holdfast");
  writeFileSync(poem, "The tide goes out, the kelp holds fast.\n");
  await field.setInputFiles(poem);
  await expect(office.getByRole("alert")).toContainText("This is not such a file");
  await field.setInputFiles(file);
  await expect(office.getByText(/In the books: 3$/)).toBeVisible();
  await isInOrder(office, "hand-in", TILL_TABLET_AND_PHONE);
  expect(books(server)).toEqual(agreed(1, 135));
  await field.setInputFiles(file);
  await expect(office.getByText(/In the books: 3 · known before: 3/)).toBeVisible();
  expect(books(server)).toEqual(agreed(1, 135));
  expect(server.query(`select 1 from events where type = 'sync.outbox.imported'`)).toHaveLength(1);
});
