/** @throws Error naming the way to start the benchmark */
export function requiredVariable(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set. Run the benchmark with "npm run bench"; .env.example explains it.`);
  return value;
}
