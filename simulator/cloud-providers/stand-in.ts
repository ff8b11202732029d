import { isDeepStrictEqual } from "node:util";
import { createHash } from "node:crypto";
import * as provider from "@pulumi/pulumi/provider";
import { type Failure, plain, Typings } from "./typings";

type Properties = Record<string, unknown>;

export interface StandInArgs {
  /** The provider, and its npm package: `gcp`. */
  readonly name: string;
  /** The outputs of resources by type, besides the inputs and what can be made up. Its keys are the types there are. */
  readonly outputs: Readonly<Record<string, (id: string, inputs: Properties) => Properties>>;
  /** Inputs whose change makes the provider replace a resource, by type. */
  readonly replacedBy?: Readonly<Record<string, readonly string[]>>;
  /** What the provider refuses though its typings allow it, by type. */
  readonly rules?: Readonly<Record<string, (inputs: Properties) => Failure[]>>;
  /** What happens when a resource goes, by type. It throws where the cloud would refuse. */
  readonly removed?: Readonly<Record<string, (properties: Properties) => void>>;
  readonly functions?: Readonly<Record<string, () => Properties>>;
}

/**
 * A provider of tests, in place of one that needs a cloud. It makes nothing: it refuses inputs that the npm package's
 * typings do not have, lack or have otherwise, and answers with plausible outputs, one of which, `standIn`, says so.
 */
export class StandIn implements provider.Provider {
  /** That of the npm package, which asks for it. */
  readonly version: string;
  private readonly typings: Typings;

  constructor(private readonly args: StandInArgs) {
    this.typings = new Typings(args.name);
    this.version = this.typings.version;
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async check(urn: string, _olds: Properties, news: Properties): Promise<provider.CheckResult> {
    const type = typeOf(urn);
    if (type.startsWith("pulumi:providers:")) return { inputs: news };
    if (!this.args.outputs[type]) throw new Error(`the stand-in of ${this.args.name} knows no ${type}`);
    const failures = this.typings.check(type, news);
    return { inputs: news, failures: failures.length ? failures : this.args.rules?.[type]?.(unmarked(news)) };
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async diff(_id: string, urn: string, olds: Properties, news: Properties): Promise<provider.DiffResult> {
    const type = typeOf(urn);
    // An input that was never given is one that the cloud chose, such as an address.
    const given = (olds["standInGiven"] ?? []) as string[];
    const changed = this.typings
      .inputs(type)
      .filter((key) => key in news || given.includes(key))
      .filter((key) => !isDeepStrictEqual(unmarked(olds[key]), unmarked(news[key])));
    const replaces = changed.filter((key) => this.args.replacedBy?.[type]?.includes(key));
    return { changes: changed.length > 0, replaces };
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async create(urn: string, inputs: Properties): Promise<provider.CreateResult> {
    const id = createHash("sha256")
      .update(`${urn}${JSON.stringify(inputs)}`)
      .digest("hex")
      .slice(0, 8);
    return this.state(urn, String(parseInt(id, 16)), inputs);
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async update(id: string, urn: string, _olds: Properties, news: Properties): Promise<provider.UpdateResult> {
    return { outs: this.state(urn, id, news).outs as Properties };
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async delete(_id: string, urn: string, properties: Properties): Promise<void> {
    this.args.removed?.[typeOf(urn)]?.(unmarked(properties));
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async invoke(token: string): Promise<provider.InvokeResult> {
    const answer = this.args.functions?.[token];
    if (!answer) throw new Error(`the stand-in of ${this.args.name} knows no function ${token}`);
    return { outputs: answer() };
  }

  private state(urn: string, givenId: string, inputs: Properties): provider.CreateResult {
    const type = typeOf(urn);
    const own = this.args.outputs[type]?.(givenId, unmarked(inputs)) ?? {};
    const { id = givenId, ...outputs } = own;
    const standIn = `This was not made: tests stand in for ${this.args.name}.`;
    const standInGiven = Object.keys(inputs).sort();
    return {
      id: String(id),
      outs: { ...this.typings.madeUp(type), ...inputs, ...outputs, standIn, standInGiven },
    };
  }
}

/** Serves a stand-in, as the engine wants it: `pulumi-resource-<name> ENGINE`. */
export function serve(args: StandInArgs): void {
  void provider.main(new StandIn(args), process.argv.slice(2));
}

const typeOf = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";

function unmarked<T>(value: T): T;
function unmarked(value: unknown): unknown {
  const bare = plain(value);
  if (Array.isArray(bare)) return bare.map((each: unknown) => unmarked(each));
  if (typeof bare !== "object" || bare === null) return bare;
  const entries = Object.entries(bare).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, unmarked(each as unknown)]));
}
