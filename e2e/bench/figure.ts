// How a figure is told.

export interface Figure {
  name: string;
  value: number;
  unit: string;
  detail: Record<string, unknown>;
}

/** Prints a figure as one line of JSON. */
export function print(figure: Figure): void {
  process.stdout.write(`${JSON.stringify({ ...figure, value: Math.round(figure.value * 10) / 10 })}\n`);
}

/** The value that the given share of values does not exceed. */
export function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)];
  if (value === undefined) throw new Error("a percentile of no values");
  return value;
}
