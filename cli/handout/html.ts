import qrcode from "qrcode-generator";

/** A piece of HTML that is safe to put into a page as it is. */
export interface Html {
  readonly html: string;
}

type Value = string | number | Html | readonly Html[];

const entities: Record<string, string> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A template of HTML: values in it are text, unless they are HTML themselves. */
export function html(texts: TemplateStringsArray, ...values: Value[]): Html {
  return { html: texts.reduce((page, text, index) => page + asHtml(values[index - 1] ?? "") + text) };
}

function asHtml(value: Value): string {
  if (typeof value === "object") return "html" in value ? value.html : value.map(asHtml).join("");
  return String(value).replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** A QR code as an SVG that takes the size it is given. */
export function qrCode(text: string): Html {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  return { html: code.createSvgTag({ cellSize: 4, margin: 8, scalable: true }) };
}

/** A whole page that needs nothing else: no script, no font, no image. */
export function page(title: string, style: string, body: Html): string {
  const { html: text } = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${title}</title>
        <style>
          ${{ html: style }}
        </style>
      </head>
      <body>
        ${body}
      </body>
    </html>`;
  return `${text}\n`;
}
