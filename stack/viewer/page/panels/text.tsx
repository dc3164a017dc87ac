import { lexer, type Token, type Tokens } from "marked";
import type { ComponentChildren } from "preact";
import { interpolate } from "../../data/interpolation.ts";
import { createInterpolation, safeAddress } from "../../data/links.ts";
import type { PanelViewProps } from "./panel-view.ts";

export function TextPanel({ panel, context }: PanelViewProps) {
  const { content = "", mode = "markdown" } = panel.options ?? {};
  const text = interpolate(String(content), createInterpolation(context));
  // Of HTML only the text is shown: what a dashboard may not do here is run.
  return mode === "code" ? <pre class="code-block">{text}</pre> : <Markdown text={text} />;
}

/**
 * Markdown as elements of the page. No HTML is ever made of it: HTML within is shown as it is written,
 * links that may not be followed are text, and nothing is loaded from elsewhere.
 */
function Markdown({ text }: { readonly text: string }) {
  return <div class="markdown">{blocks(lexer(text))}</div>;
}

function blocks(tokens: readonly Token[] = []): ComponentChildren[] {
  return tokens.map((token, index) => <Block key={index} token={token as MarkedToken} />);
}

type MarkedToken =
  | Tokens.Heading
  | Tokens.Paragraph
  | Tokens.Text
  | Tokens.List
  | Tokens.Blockquote
  | Tokens.Code
  | Tokens.Table
  | Tokens.Hr
  | Tokens.Space
  | Tokens.HTML;

function Block({ token }: { readonly token: MarkedToken }) {
  switch (token.type) {
    case "heading": {
      const Heading = `h${Math.min(6, token.depth + 3)}` as "h4";
      return <Heading>{inline(token.tokens)}</Heading>;
    }
    case "paragraph":
      return <p>{inline(token.tokens)}</p>;
    case "text":
      return <>{token.tokens === undefined ? token.text : inline(token.tokens)}</>;
    case "list": {
      const List = token.ordered ? "ol" : "ul";
      return (
        <List>
          {token.items.map((item, index) => (
            <li key={index}>{blocks(item.tokens)}</li>
          ))}
        </List>
      );
    }
    case "blockquote":
      return <blockquote>{blocks(token.tokens)}</blockquote>;
    case "code":
      return <pre class="code-block">{token.text}</pre>;
    case "table":
      return <MarkdownTable token={token} />;
    case "hr":
      return <hr />;
    case "space":
      return null;
    default:
      return <p>{token.raw}</p>;
  }
}

function MarkdownTable({ token: { header, rows } }: { readonly token: Tokens.Table }) {
  const cells = (row: readonly Tokens.TableCell[], Cell: "th" | "td") =>
    row.map(({ tokens }, index) => <Cell key={index}>{inline(tokens)}</Cell>);
  return (
    <table>
      <thead>
        <tr>{cells(header, "th")}</tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>{cells(row, "td")}</tr>
        ))}
      </tbody>
    </table>
  );
}

function inline(tokens: readonly Token[] = []): ComponentChildren[] {
  return tokens.map((token, index) => <Inline key={index} token={token as Tokens.Generic} />);
}

function Inline({ token }: { readonly token: Tokens.Generic }) {
  switch (token.type) {
    case "strong":
      return <strong>{inline(token.tokens)}</strong>;
    case "em":
      return <em>{inline(token.tokens)}</em>;
    case "del":
      return <del>{inline(token.tokens)}</del>;
    case "codespan":
      return <code>{token.text}</code>;
    case "br":
      return <br />;
    case "link": {
      const href = safeAddress(String(token.href));
      return href === undefined ? inline(token.tokens) : <a href={href}>{inline(token.tokens)}</a>;
    }
    case "text":
    case "escape":
      return <>{token.tokens === undefined ? token.text : inline(token.tokens)}</>;
    default:
      // Images and HTML: as they are written.
      return <>{token.raw}</>;
  }
}
