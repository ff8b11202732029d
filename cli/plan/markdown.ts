// Escapes untrusted text for Markdown on GitHub: no markup, no HTML, no mentions, no invisible characters.

/** Control characters, bidirectional and zero-width characters, line separators, lone surrogates. */
const invisible = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const escaped = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`;

/**
 * Text as one line of a code block, cut to `limit` characters.
 *
 * @param limit default: 300
 */
export function line(text: string, limit = 300): string {
  const safe = text.slice(0, limit + 1).replace(invisible, escaped);
  return safe.length > limit ? `${safe.slice(0, limit - 1)}…` : safe;
}

/**
 * Text as inline code, also in a table cell or an HTML element. Every character that could start markup or a link is
 * written as an entity; GitHub does not resolve mentions and issue references in code.
 */
export function inline(text: string, limit?: number): string {
  const safe = line(text, limit).replace(/[!-,./:-@[-`{-~]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<code>${safe}</code>`;
}

/** The fence that a code block requires: longer than every run of backticks in it. */
export function fence(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  return "`".repeat(longest + 1);
}

/** Lines as a code block. */
export function block(text: string, language = ""): string {
  const marks = fence(text);
  return `${marks}${language}\n${text}\n${marks}`;
}
