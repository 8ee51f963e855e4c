import { expect, it } from "vitest";
import { displayValue } from "./display.ts";
import { HList, type Value } from "./value.ts";

it("shows a value that is nested 300,000 deep", () => {
  let value: Value = new HList([]);
  for (let i = 1; i < 300_000; i++) value = new HList([value]);
  const text = displayValue(value);
  expect(text.length).toBe(600_000);
  expect(text.lastIndexOf("[")).toBe(299_999);
});
