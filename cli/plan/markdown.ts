/**
 * Text of others as Markdown that GitHub shows as that text: no markup, no HTML, nobody mentioned, and nothing that
 * reads differently from what it is.
 */

/** Control characters, those that turn the direction of text or have no width, separators of lines, broken halves. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const escaped = (character: string): string => `\\u{${character.codePointAt(0)!.toString(16)}}`;

/**
 * As one line for a code block, cut where it is longer than `limit` characters.
 *
 * @param limit default: 300
 */
export function line(text: string, limit = 300): string {
  const one = text.slice(0, limit + 1).replace(unseen, escaped);
  return one.length > limit ? `${one.slice(0, limit - 1)}…` : one;
}

/**
 * As code within a line, a cell of a table or a tag. Every sign that could begin markup or a link is written as an
 * entity; GitHub looks for no names of people and no issues in code.
 */
export function inline(text: string, limit?: number): string {
  const safe = line(text, limit).replace(/[!-,./:-@[-`{-~]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  return `<code>${safe}</code>`;
}

/** The fence that a code block needs: longer than any within. */
export function fence(text: string): string {
  const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
  return "`".repeat(longest + 1);
}

/** Lines as a code block. */
export function block(text: string, language = ""): string {
  const marks = fence(text);
  return `${marks}${language}\n${text}\n${marks}`;
}
