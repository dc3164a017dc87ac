import type { ComponentChildren } from "preact";

interface MessageProps {
  readonly kind?: "error" | "warning" | "plain";
  readonly title: string;
  readonly children?: ComponentChildren;
}

/** A message in the place of what cannot be shown. */
export function Message({ kind = "plain", title, children }: MessageProps) {
  return (
    <div class={`message message-${kind}`} role={kind === "error" ? "alert" : "status"}>
      <strong>{title}</strong>
      {children}
    </div>
  );
}
