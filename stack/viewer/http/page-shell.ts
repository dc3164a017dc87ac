/**
 * No script and no style but ours, nothing from elsewhere, no frame, no form. The page needs no
 * exception: text is put into it as text, and styles are set on elements by script.
 */
export const securityHeaders = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
} as const;

/**
 * The one document that all pages of the viewer begin with.
 * @param isPreview whether the page is to listen for changes of the dashboards.
 */
export function pageShell(digest: string, isPreview: boolean): string {
  return `<!doctype html>
<html lang="en"${isPreview ? " data-preview" : ""}>
<head>
<meta charset="utf-8">
<title>miniserve viewer</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<link rel="icon" href="/assets/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/assets/${digest}/viewer.css">
<script type="module" src="/assets/${digest}/viewer.js"></script>
</head>
<body>
<div id="application"></div>
<noscript>The viewer needs JavaScript.</noscript>
</body>
</html>
`;
}

export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3" fill="#1f62e0"/><path d="M3 4h8v2H3zm2 3h8v2H5zm3 3h5v2H8z" fill="#fff"/></svg>`;
