import type { Engine, Slot } from "../../server/llama/engine/index.ts";

type PrefillOptions = Parameters<Slot["prefill"]>[0];
type Steps = ReturnType<Slot["decode"]>;

/** The same object with some of its methods replaced; the others run on the original. */
export function withMethods<Target extends object>(
  target: Target,
  methods: Partial<Target>,
): Target {
  return new Proxy(target, {
    get(original, key) {
      const replaced: unknown = Reflect.get(methods, key);
      const value: unknown = replaced ?? Reflect.get(original, key, original);
      // Private fields are only there on the original.
      return typeof value === "function" && replaced === undefined ? value.bind(original) : value;
    },
  });
}

/** What an engine does differently; what is not named, it does as always. */
export interface Alterations {
  tokenize?: Engine["tokenize"] | undefined;
  acquireSlot?: Engine["acquireSlot"] | undefined;
  prefill?: ((slot: Slot, options: PrefillOptions) => ReturnType<Slot["prefill"]>) | undefined;
  /** Gets the steps of the real model. */
  decode?: ((steps: Steps) => Steps) | undefined;
}

/** The real engine, except for what is set in `alterations` when a request comes. */
export function alteredEngine(real: Engine, alterations: Alterations): Engine {
  const acquireSlot: Engine["acquireSlot"] = async (request) => {
    const slot = await (alterations.acquireSlot?.(request) ?? real.acquireSlot(request));
    const { prefill, decode } = alterations;
    return withMethods<Slot>(slot, {
      ...(prefill === undefined ? {} : { prefill: (options) => prefill(slot, options) }),
      ...(decode === undefined ? {} : { decode: (options) => decode(slot.decode(options)) }),
    });
  };
  return withMethods<Engine>(real, {
    acquireSlot,
    tokenize: (prepared) => (alterations.tokenize ?? ((given) => real.tokenize(given)))(prepared),
  });
}
