import { isDeepStrictEqual } from "node:util";
import { createHash } from "node:crypto";
import * as provider from "@pulumi/pulumi/provider";
import { type Failure, unwrapSecret, Typings } from "./typings";

type Properties = Record<string, unknown>;

export interface StandInArgs {
  /** The name of the provider and of its npm package: `gcp`. */
  readonly name: string;
  /**
   * The outputs of resources, by type, in addition to the inputs and the placeholders of other outputs. Only the types
   * listed here are supported.
   */
  readonly outputs: Readonly<Record<string, (id: string, inputs: Properties) => Properties>>;
  /** The inputs whose change requires a replacement, by type. */
  readonly replaceOnChanges?: Readonly<Record<string, readonly string[]>>;
  /** Additional validation that the typings do not express, by type. */
  readonly rules?: Readonly<Record<string, (inputs: Properties) => Failure[]>>;
  /** Called when a resource is deleted, by type. Throws if the cloud would reject the deletion. */
  readonly onDelete?: Readonly<Record<string, (properties: Properties) => void>>;
  readonly functions?: Readonly<Record<string, () => Properties>>;
}

/**
 * A small replacement for a cloud's provider, for tests and offline use. It creates nothing: it validates inputs against
 * the typings of the npm package, and returns plausible outputs. The output `standIn` identifies its resources.
 */
export class StandIn implements provider.Provider {
  /** The version of the npm package, which requires the provider in the same version. */
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
    if (!this.args.outputs[type])
      throw new Error(`the stand-in for ${this.args.name} does not support ${type}`);
    const failures = this.typings.check(type, news);
    return {
      inputs: news,
      failures: failures.length ? failures : this.args.rules?.[type]?.(withoutSecretMarkers(news)),
    };
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async diff(_id: string, urn: string, olds: Properties, news: Properties): Promise<provider.DiffResult> {
    const type = typeOf(urn);
    // An input that was never set has been chosen by the cloud, such as an address.
    const inputsSet = (olds["standInGiven"] ?? []) as string[];
    const changed = this.typings
      .inputs(type)
      .filter((key) => key in news || inputsSet.includes(key))
      .filter((key) => !isDeepStrictEqual(withoutSecretMarkers(olds[key]), withoutSecretMarkers(news[key])));
    const replaces = changed.filter((key) => this.args.replaceOnChanges?.[type]?.includes(key));
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
    this.args.onDelete?.[typeOf(urn)]?.(withoutSecretMarkers(properties));
  }

  // eslint-disable-next-line @typescript-eslint/require-await
  async invoke(token: string): Promise<provider.InvokeResult> {
    const answer = this.args.functions?.[token];
    if (!answer) throw new Error(`the stand-in for ${this.args.name} does not support the function ${token}`);
    return { outputs: answer() };
  }

  private state(urn: string, givenId: string, inputs: Properties): provider.CreateResult {
    const type = typeOf(urn);
    const own = this.args.outputs[type]?.(givenId, withoutSecretMarkers(inputs)) ?? {};
    const { id = givenId, ...outputs } = own;
    const standIn = `Not created: a stand-in replaces the provider ${this.args.name}.`;
    const standInGiven = Object.keys(inputs).sort();
    return {
      id: String(id),
      outs: { ...this.typings.placeholderOutputs(type), ...inputs, ...outputs, standIn, standInGiven },
    };
  }
}

/** Serves a stand-in with the command line that the engine uses: `pulumi-resource-<name> ENGINE`. */
export function serve(args: StandInArgs): void {
  void provider.main(new StandIn(args), process.argv.slice(2));
}

const typeOf = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";

function withoutSecretMarkers<T>(value: T): T;
function withoutSecretMarkers(value: unknown): unknown {
  const unwrapped = unwrapSecret(value);
  if (Array.isArray(unwrapped)) return unwrapped.map((each: unknown) => withoutSecretMarkers(each));
  if (typeof unwrapped !== "object" || unwrapped === null) return unwrapped;
  const entries = Object.entries(unwrapped).filter(([, each]) => each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, withoutSecretMarkers(each as unknown)]));
}
