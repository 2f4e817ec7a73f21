// A spreadsheet brought into the office: its columns named, tried, corrected, taken in; at a desk and on a phone, in both themes.
import { ADA, ELIF, signIn } from "../../actors/cashier.ts";
import { expect, test } from "../../harness/index.ts";
import { DESK_AND_PHONE, isInOrder } from "../../harness/in-order.ts";

const FILE = [
  "Firma;Stadt;Payment days;Tags;Bemerkung",
  "Exotic Liquids;London;30;drinks | import;a",
  "Leka Trading;Singapore;soon;;b",
  "=Pavlova;Melbourne;14;;",
  ";Oslo;7;;",
  "Leka Trading;Perth;;;",
].join("\r\n");

test("a_spreadsheet_is_tried_corrected_and_taken_in", async ({ world }) => {
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ADA);
  await page.goto(`${server.url}/office/procurement/suppliers`);
  await page.getByRole("link", { name: "Import" }).click();
  const file = page.locator("input[type=file]");
  await file.setInputFiles({ name: "photo.csv", mimeType: "text/csv", buffer: Buffer.from([0x50, 0x4b, 0, 0]) });
  await expect(page.getByText("This file cannot be read")).toBeVisible();

  // What a column is called like is chosen already; the others are chosen by hand, or left out.
  await file.setInputFiles({ name: "suppliers.csv", mimeType: "text/csv", buffer: Buffer.from(FILE) });
  await expect(page.getByLabel("Payment days")).toHaveValue("payment_days");
  await expect(page.getByLabel("Bemerkung")).toHaveValue("");
  await page.getByLabel("Firma").selectOption("Name");
  await page.getByLabel("Stadt").selectOption("Name");
  await expect(page.getByRole("button", { name: "Try it" })).toBeDisabled();
  await page.getByLabel("Stadt").selectOption("City");
  await isInOrder(page, "import-columns", DESK_AND_PHONE);
  await page.getByRole("button", { name: "Try it" }).click();
  await expect(page.getByText("Tried, nothing is written yet")).toBeVisible();
  const row = (line: string) => page.getByRole("row").filter({ has: page.getByRole("cell", { name: line, exact: true }) });
  await expect(row("3")).toContainText("Days to pay: Write a number.");
  await expect(row("5")).toContainText("Name: Fill this in.");
  await isInOrder(page, "import-tried", DESK_AND_PHONE);
  expect(server.query(`select name from suppliers`)).toEqual([]);

  // Corrected where it was made, chosen again, and taken in; what is still wrong is left out.
  await file.setInputFiles({ name: "suppliers.csv", mimeType: "text/csv", buffer: Buffer.from(FILE.replace("soon", "21")) });
  await page.getByLabel("Firma").selectOption("Name");
  await page.getByLabel("Stadt").selectOption("City");
  await page.getByRole("button", { name: "Try it" }).click();
  await page.getByRole("button", { name: "Take in 3" }).click();
  await expect(page.getByText("Taken in", { exact: true })).toBeVisible();
  await expect(row("6")).toContainText("A line before this one says the same.");
  const kept = server.query<{ name: string; days: number }>(`select name, payment_days as days from suppliers order by name`);
  expect(kept).toEqual([
    { name: "=Pavlova", days: 14 },
    { name: "Exotic Liquids", days: 30 },
    { name: "Leka Trading", days: 21 },
  ]);
  await page.getByRole("main").getByRole("link", { name: "Suppliers" }).last().click();
  await expect(page.getByRole("link", { name: "Exotic Liquids" })).toBeVisible();

  // And out again, as a file that no spreadsheet runs.
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Export" }).click();
  const text = (await (await (await download).createReadStream()).toArray()).join("");
  expect(text).toContain("'=Pavlova");
  await expect(page.getByRole("link", { name: "Excel" })).toHaveAttribute("href", /[?&]as=xlsx$/);
});

test("whoever_may_not_bring_in_many_is_told_so", async ({ world }) => {
  const server = await world.startServer();
  const page = await (await world.launchBrowser("office", { viewport: DESK_AND_PHONE[0] })).open(server.url);
  await signIn(page, server.url, ELIF);
  await page.goto(`${server.url}/office/procurement/suppliers/import`);
  await expect(page.getByText("Your role does not show you this")).toBeVisible();
});
