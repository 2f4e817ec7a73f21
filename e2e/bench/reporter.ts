// Passes the figures on to stdout, and says on stderr what went wrong.
import type { Reporter, TestCase, TestResult } from "@playwright/test/reporter";

export default class FigureReporter implements Reporter {
  onStdOut(chunk: string | Buffer): void {
    process.stdout.write(chunk);
  }

  onStdErr(chunk: string | Buffer): void {
    process.stderr.write(chunk);
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    for (const error of result.errors) process.stderr.write(`${test.title}: ${error.message ?? error.value}\n`);
  }

  printsToStdio(): boolean {
    return true;
  }
}
