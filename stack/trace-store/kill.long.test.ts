import { test } from "node:test";
import { killUnderLoad } from "./testing/kill-under-load.ts";

const rounds = 30;
const seed = 20_251_126;

test(`killed ${rounds} times under load, the store has every acknowledged span (seed ${seed})`, (context) =>
  killUnderLoad(context, { rounds, seed }));
