// How large a scenario is: short as a test, long when `npm run scenario -- NAME --long` asks for it.

export const isLong: boolean = process.env["HEDDLE_SCENARIO"] === "long";

export function scale<T>({ short, long }: { short: T; long: T }): T {
  return isLong ? long : short;
}
