import assert from "node:assert/strict";
import { test } from "node:test";
import type { Engine } from "./engine.ts";
import { answer, distinctPrompts, plainTokens, withTinyEngine } from "./testing/tiny-engine.ts";

interface JsonAnswer {
  readonly text: string;
  readonly isWhole: boolean;
}

async function answerBy(
  engine: Engine,
  schema: unknown,
  options: { readonly seed: number; readonly maxTokens?: number; readonly prompt?: number },
): Promise<JsonAnswer> {
  const { seed, maxTokens = 400, prompt: index = 0 } = options;
  const grammar = await engine.compileSchema(schema);
  const prompt = distinctPrompts(engine, index + 1)[index] ?? [];
  const sampling = { temperature: 1, seed, maxTokens, grammar };
  const { tokens, steps } = await answer(engine, prompt, sampling);
  return { text: engine.detokenize(tokens, prompt), isWhole: steps > tokens.length };
}

const forecast = {
  properties: {
    sky: { enum: ["clear", "cloudy", "clouds and <|im_start|>"] },
    isWarm: { type: "boolean" },
    hours: { type: "array", items: { type: "integer" }, minItems: 1, maxItems: 3 },
    note: { type: "string", maxLength: 12 },
    wind: { anyOf: [{ type: "null" }, { type: "number" }] },
    day: { format: "date" },
    station: { pattern: "^[A-Z]{3}-\\d+$", maxLength: 8 },
    degrees: { type: "number", minimum: -89.2, maximum: 56.7 },
  },
  required: ["sky", "isWarm", "hours", "wind", "day", "station", "degrees"],
};

function assertForecast(text: string): void {
  const { sky, isWarm, hours, note, wind, day, station, degrees, ...rest } = JSON.parse(text);
  assert.deepEqual(rest, {});
  assert.ok(forecast.properties.sky.enum.includes(sky), text);
  assert.equal(typeof isWarm, "boolean");
  assert.ok(hours.length >= 1 && hours.length <= 3 && hours.every(Number.isInteger), text);
  assert.ok(note === undefined || [...note].length <= 12, text);
  assert.ok(wind === null || Number.isFinite(wind), text);
  assert.ok(new Date(day).toISOString().startsWith(day), text);
  assert.match(station, /^[A-Z]{3}-\d{1,4}$/);
  assert.ok(degrees >= -89.2 && degrees <= 56.7, text);
}

test("whatever is sampled, an answer that ends by itself is valid by its schema", () =>
  withTinyEngine({ slots: 4, queueLimit: 100, contextTokens: 512 }, async (engine) => {
    const seeds = Array.from({ length: 24 }, (_, seed) => seed);
    const answers = await Promise.all(seeds.map((seed) => answerBy(engine, forecast, { seed })));
    for (const { text, isWhole } of answers) {
      assert.ok(isWhole);
      assertForecast(text);
    }
    assert.ok(new Set(answers.map(({ text }) => text)).size > 12, "the answers differ");
  }));

test("many at once, each with its own schema or none, give what each gives alone", () =>
  withTinyEngine({ slots: 3, queueLimit: 100, contextTokens: 512 }, async (engine) => {
    const kinds = [forecast, { type: "array", items: { type: "boolean" }, maxItems: 5 }, undefined];
    const ask = async (seed: number): Promise<string> => {
      const schema = kinds[seed % kinds.length];
      if (schema !== undefined) {
        return (await answerBy(engine, schema, { seed, prompt: seed })).text;
      }
      const prompt = distinctPrompts(engine, seed + 1)[seed] ?? [];
      return (await answer(engine, prompt, { seed, temperature: 1 })).tokens.join();
    };
    const seeds = Array.from({ length: 12 }, (_, seed) => seed);
    const alone: string[] = [];
    for (const seed of seeds) {
      alone.push(await ask(seed));
    }
    assert.deepEqual(await Promise.all(seeds.map(ask)), alone);
  }));

test("an answer that is cut is the beginning of the whole one", () =>
  withTinyEngine({ contextTokens: 512 }, async (engine) => {
    const whole = await answerBy(engine, forecast, { seed: 5 });
    const cut = await answerBy(engine, forecast, { seed: 5, maxTokens: 12 });
    assert.equal(cut.isWhole, false);
    assert.ok(whole.text.startsWith(cut.text) && cut.text !== whole.text);
  }));

test("the name of a control token can be said, in plain characters", () =>
  withTinyEngine({}, async (engine) => {
    const schema = { const: "<|im_start|></s><s>" };
    const { text } = await answerBy(engine, schema, { seed: 1 });
    assert.equal(text, JSON.stringify(schema.const));
  }));

test("characters of several tokens are whole", () =>
  withTinyEngine({}, async (engine) => {
    const schema = { enum: ["日本 🙂", "naïve é"] };
    const { text } = await answerBy(engine, schema, { seed: 3 });
    assert.ok(schema.enum.includes(JSON.parse(text)));
  }));

test("the cache is as right after JSON as after text", () =>
  withTinyEngine({ slots: 1 }, async (engine) => {
    const prompt = plainTokens(engine, "the water and the people");
    const plain = await answer(engine, prompt);
    await answerBy(engine, forecast, { seed: 1 });
    assert.deepEqual((await answer(engine, prompt)).tokens, plain.tokens);
  }));

test("a schema that cannot be used is an error with its faults, before any slot is taken", () =>
  withTinyEngine({}, async (engine) => {
    await assert.rejects(engine.compileSchema({ not: { const: "zebra" } }), (error) => {
      assert.ok(error instanceof Error && "code" in error && error.code === "schema_refused");
      assert.match(error.message, /keyword not/);
      assert.ok(!error.message.includes("zebra"));
      return true;
    });
  }));
