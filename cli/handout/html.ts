import qrcode from "qrcode-generator";

/** HTML that can be inserted into a page without escaping. */
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

/** An HTML template: values are escaped unless they are HTML themselves. */
export function html(texts: TemplateStringsArray, ...values: Value[]): Html {
  return { html: texts.reduce((page, text, index) => page + asHtml(values[index - 1] ?? "") + text) };
}

function asHtml(value: Value): string {
  if (typeof value === "object") return "html" in value ? value.html : value.map(asHtml).join("");
  return String(value).replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** A QR code as a scalable SVG. */
export function qrCode(text: string): Html {
  const code = qrcode(0, "M");
  code.addData(text);
  code.make();
  return { html: code.createSvgTag({ cellSize: 4, margin: 8, scalable: true }) };
}

/** A self-contained page: no scripts, fonts or images. */
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
