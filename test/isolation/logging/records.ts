/** A line of the log, read. */
export type LogRecord = Readonly<Record<string, unknown>>;

/** Every line is one JSON object, or this throws; whoever wrote it had no other line in it. */
export function recordsOf(lines: readonly string[]): LogRecord[] {
  return lines.map((line) => {
    if (!/^\{.*\}\n$/.test(line)) throw new Error(`Not one line: ${line}`);
    return JSON.parse(line) as LogRecord;
  });
}
