/** Documents that kubectl reads in a way of its own, with the fields that it reads. Each is a ConfigMap `sample`. */
export const corpus: Readonly<Record<string, { readonly text: string; readonly fields: object }>> = {
  // As in Flagger's definitions: Go's YAML writes and reads such lines, other parsers miss the closing quote.
  "a quoted text whose lines are not indented": {
    text: `data:
  spec:
    note: 'How often the controller''s
check runs, for example

      once a minute.'
    "double": "one
two"
    after: here
`,
    fields: {
      data: {
        spec: {
          note: "How often the controller's check runs, for example\nonce a minute.",
          double: "one two",
          after: "here",
        },
      },
    },
  },
  "numbers of YAML 1.1": {
    text: `data: { mode: 0755, new: 0o17, signed: -0x1F, bits: 0b101, parts: 1_000, no: "012", nine: 089, plus: +12 }
more: { float: 1e3, exponent: 1.5E+2, point: .5, end: 5., version: 1.2.3, range: 1-2, big: 9007199254740993 }
`,
    fields: {
      data: { mode: 493, new: 15, signed: -31, bits: 5, parts: 1000, false: "012", nine: 89, plus: 12 },
      more: { float: 1000, exponent: 150, point: 0.5, end: 5, version: "1.2.3", range: "1-2", big: 2 ** 53 },
    },
  },
  "booleans of YAML 1.1": {
    text: "data: [yes, No, ON, off, y, N, TRUE, False, yEs, 'yes', !!str on]\n",
    fields: { data: [true, false, true, false, true, false, true, false, "yEs", "yes", "on"] },
  },
  "times, and numbers of base 60, as texts": {
    text: "data: [2001-12-14, 2001-12-14t21:59:43.10-05:00, 1:30, 190:20:30]\n",
    fields: { data: ["2001-12-14", "2001-12-14t21:59:43.10-05:00", "1:30", "190:20:30"] },
  },
  "the last one of duplicate keys": {
    text: "data: { a: 1, a: 2 }\ndata: { a: 3, b: 4, b: 5 }\n",
    fields: { data: { a: 3, b: 5 } },
  },
  "keys that are no texts": {
    text: "data: { 1: a, 1.5: b, on: c }\n",
    fields: { data: { "1": "a", "1.5": "b", true: "c" } },
  },
  "nothing, in its forms": {
    text: "data: { a: ~, b: null, c: Null, d: '', e: 'null' }\nmore:\n",
    fields: { data: { a: null, b: null, c: null, d: "", e: "null" }, more: null },
  },
  "anchors and merged maps": {
    text: "first: &it { a: 1, b: 2 }\ndata:\n  <<: *it\n  b: 3\n",
    fields: { first: { a: 1, b: 2 }, data: { a: 1, b: 3 } },
  },
  "binary data": { text: "data: { a: !!binary aGVsbG8= }\n", fields: { data: { a: "hello" } } },
  "blocks of text": {
    text: "data:\n  kept: |\n    one\n     two\n  folded: >-\n    one\n    two\n",
    fields: { data: { kept: "one\n two\n", folded: "one two" } },
  },
};

/** A document of the corpus as a manifest. */
export const manifestOf = (text: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: sample }\n${text}`;

/** What kubectl reads of it. */
export const objectOf = (fields: object): object => ({
  ...{ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "sample" } },
  ...fields,
});

/** Documents that kubectl rejects. */
export const rejected: Readonly<Record<string, string>> = {
  "a plain text whose lines are not indented": "data: one\ntwo\n",
  "a tab as indentation": "data:\n\ta: 1\n",
  "an unknown alias": "data: *nothing\n",
  "text after the separator": "--- data\n",
  "an open quote": "data: 'a\n",
};
