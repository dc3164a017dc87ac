import type { ComponentChildren } from "preact";
import type { Link } from "../../data/links.ts";
import { Popover } from "../shell/popover.tsx";

interface LinkedValueProps {
  readonly links: readonly Link[];
  /** The value in words, for the button of a menu. */
  readonly label: string;
  readonly class?: string;
  readonly children: ComponentChildren;
}

/** A value that leads where its only link does, or opens a menu of several. */
export function LinkedValue({ links, label, class: name = "", children }: LinkedValueProps) {
  const [only] = links;
  if (only === undefined) {
    return children;
  }
  return links.length === 1 ? (
    <a class={name} href={only.href} title={only.title}>
      {children}
    </a>
  ) : (
    <Popover class={name} label={`${label}. Where it leads`} button={children}>
      {() => (
        <ul class="menu-actions menu">
          {links.map((link) => (
            <li key={link.href}>
              <a href={link.href}>{link.title}</a>
            </li>
          ))}
        </ul>
      )}
    </Popover>
  );
}
