/** What tests use of the elements of a page: they are no part of the globals of tests. */
export interface PageElement {
  readonly innerText: string;
  readonly textContent: string | null;
  readonly parentElement: PageElement | null;
  readonly children: Iterable<PageElement>;
  readonly ownerDocument: {
    readonly defaultView: PageWindow;
    querySelector(selector: string): PageElement | null;
  };
  readonly clientHeight: number;
  readonly scrollHeight: number;
  scrollTop: number;
  readonly hidden: boolean;
  matches(selector: string): boolean;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
  getAttribute(name: string): string | null;
  getBoundingClientRect(): Box;
  dispatchEvent(event: object): boolean;
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

interface PageWindow {
  readonly MouseEvent: new (type: string, init: object) => object;
  readonly PointerEvent: new (type: string, init: object) => object;
  getComputedStyle(element: PageElement): {
    readonly color: string;
    readonly backgroundColor: string;
    readonly borderRightColor: string;
    readonly overflowY: string;
  };
  requestAnimationFrame(callback: () => void): number;
}
