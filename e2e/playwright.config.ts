// One worker and no retries: a test that passes the second time has failed.
import { defineConfig } from "@playwright/test";
import { join } from "node:path";

const results = process.env["HOLDFAST_E2E_RESULTS"] ?? join(import.meta.dirname, "results");

export default defineConfig({
  testDir: "tests",
  outputDir: join(results, "tests"),
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 120_000,
  expect: { timeout: 10_000 },
  // The file of the JSON report is named by PLAYWRIGHT_JSON_OUTPUT_FILE.
  reporter: process.env["PLAYWRIGHT_JSON_OUTPUT_FILE"] === undefined ? "list" : [["list"], ["json"]],
});
