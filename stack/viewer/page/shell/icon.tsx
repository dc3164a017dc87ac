/** Small drawings, 16 by 16, in the colour of the text. */
const paths = {
  chevron: "M4 6l4 4 4-4",
  clock: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm0 3v3l2 2",
  close: "M4 4l8 8m0-8l-8 8",
  copy: "M6 5h7v8H6zM3 11V3h7",
  dots: "M8 3.5v.01M8 8v.01M8 12.5v.01",
  explore: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm2.5 3.5L9 9l-3.5 1.5L7 7z",
  info: "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zm0 5v4m0-6v.01",
  link: "M7 5l2-2a3 3 0 0 1 4 4l-2 2M9 11l-2 2a3 3 0 0 1-4-4l2-2m1 3l4-4",
  moon: "M12.5 9.5A5 5 0 0 1 6.5 3.5a5 5 0 1 0 6 6z",
  query: "M6 4L2 8l4 4m4-8l4 4-4 4",
  refresh: "M13 8a5 5 0 1 1-1.5-3.6M13 2v3h-3",
  sun: "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1m8 8l1 1M3 13l1-1m8-8l1-1",
  view: "M3 6V3h3m4 0h3v3m0 4v3h-3m-4 0H3v-3",
  warning: "M8 2.5L14 13H2zM8 6.5v3m0 2v.01",
  zoomOut: "M7 3a4 4 0 1 0 0 8 4 4 0 0 0 0-8zm3 7l3.5 3.5M5 7h4",
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
