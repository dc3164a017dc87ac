import type { KeyValue, Resource, Scope, Span, SpanEvent, SpanLink, Value } from "#contract";

/**
 * Cuts from the texts of spans what is longer than a limit, and repairs what is no Unicode. Leaves
 * everything else the same object.
 */
export class SpanTexts {
  readonly #limitBytes: number;
  /** Of one call, so that what spans share is still shared when it was cut. */
  readonly #shared = new Map<object, object>();
  #cut = 0;
  #repaired = 0;

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  /** How many names, keys and values were cut, and how many repaired. */
  apply(spans: readonly Span[]): {
    readonly spans: readonly Span[];
    readonly cut: number;
    readonly repaired: number;
  } {
    this.#cut = 0;
    this.#repaired = 0;
    const limited = changed(spans, (span) => this.#span(span));
    this.#shared.clear();
    return { spans: limited, cut: this.#cut, repaired: this.#repaired };
  }

  #span(span: Span): Span {
    const name = this.#text(span.name);
    const traceState = this.#text(span.traceState);
    const message = this.#text(span.status.message);
    const attributes = this.#attributes(span.attributes);
    const events = changed(span.events, (event) => this.#event(event));
    const links = changed(span.links, (link) => this.#link(link));
    const resource = this.#once(span.resource, (owner) => this.#resource(owner));
    const scope = this.#once(span.scope, (owner) => this.#scope(owner));
    const isSame =
      name === span.name &&
      traceState === span.traceState &&
      message === span.status.message &&
      attributes === span.attributes &&
      events === span.events &&
      links === span.links &&
      resource === span.resource &&
      scope === span.scope;
    if (isSame) {
      return span;
    }
    const status = { ...span.status, message };
    return { ...span, name, traceState, status, attributes, events, links, resource, scope };
  }

  #event(event: SpanEvent): SpanEvent {
    const name = this.#text(event.name);
    const attributes = this.#attributes(event.attributes);
    const isSame = name === event.name && attributes === event.attributes;
    return isSame ? event : { ...event, name, attributes };
  }

  #link(link: SpanLink): SpanLink {
    const traceState = this.#text(link.traceState);
    const attributes = this.#attributes(link.attributes);
    const isSame = traceState === link.traceState && attributes === link.attributes;
    return isSame ? link : { ...link, traceState, attributes };
  }

  #resource(resource: Resource): Resource {
    const schemaUrl = this.#text(resource.schemaUrl);
    const attributes = this.#attributes(resource.attributes);
    const isSame = schemaUrl === resource.schemaUrl && attributes === resource.attributes;
    return isSame ? resource : { ...resource, schemaUrl, attributes };
  }

  #scope(scope: Scope): Scope {
    const [name, version] = [this.#text(scope.name), this.#text(scope.version)];
    const rest = this.#resource(scope) as Scope;
    const isSame = name === scope.name && version === scope.version;
    return isSame ? rest : { ...rest, name, version };
  }

  #attributes(attributes: readonly KeyValue[]): readonly KeyValue[] {
    return changed(attributes, (attribute) => {
      const key = this.#text(attribute.key);
      const value = this.#value(attribute.value);
      const isSame = key === attribute.key && value === attribute.value;
      return isSame ? attribute : { key, value };
    });
  }

  #value(value: Value): Value {
    switch (value.type) {
      case "string": {
        const text = this.#text(value.value);
        return text === value.value ? value : { type: "string", value: text };
      }
      case "bytes":
        if (value.value.length <= this.#limitBytes) {
          return value;
        }
        this.#cut += 1;
        return { type: "bytes", value: value.value.slice(0, this.#limitBytes) };
      case "array": {
        const items = changed(value.value, (item) => this.#value(item));
        return items === value.value ? value : { type: "array", value: items };
      }
      case "map": {
        const entries = this.#attributes(value.value);
        return entries === value.value ? value : { type: "map", value: entries };
      }
      default:
        return value;
    }
  }

  #text(text: string): string {
    const repaired = text.isWellFormed() ? text : text.toWellFormed();
    if (repaired !== text) {
      this.#repaired += 1;
    }
    const cut = cutText(repaired, this.#limitBytes);
    if (cut !== repaired) {
      this.#cut += 1;
    }
    return cut;
  }

  #once<Shared extends object>(shared: Shared, change: (shared: Shared) => Shared): Shared {
    const known = this.#shared.get(shared) as Shared | undefined;
    if (known !== undefined) {
      return known;
    }
    const limited = change(shared);
    this.#shared.set(shared, limited);
    return limited;
  }
}

/** No longer than so many bytes of UTF-8, and no character in halves. */
function cutText(text: string, limitBytes: number): string {
  // No unit of a string needs more than three bytes, so nearly every text is known to be short enough.
  if (text.length * 3 <= limitBytes || Buffer.byteLength(text) <= limitBytes) {
    return text;
  }
  const bytes = Buffer.from(text.slice(0, limitBytes));
  let end = limitBytes;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) {
    end -= 1;
  }
  return bytes.toString("utf8", 0, end);
}

/** The list itself when no item changes. */
function changed<Item>(items: readonly Item[], change: (item: Item) => Item): readonly Item[] {
  let copy: Item[] | undefined;
  let index = 0;
  for (const item of items) {
    const after = change(item);
    if (after !== item) {
      copy ??= items.slice(0, index);
    }
    copy?.push(after);
    index += 1;
  }
  return copy ?? items;
}
