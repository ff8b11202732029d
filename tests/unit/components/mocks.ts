import { strict as assert } from "node:assert";
import * as pulumi from "@pulumi/pulumi";
import type { Alias } from "@pulumi/pulumi/proto/alias_pb";
import type {
  RegisterResourceOutputsRequest,
  RegisterResourceRequest,
  RegisterResourceResponse,
} from "@pulumi/pulumi/proto/resource_pb";
import type { Charts } from "../../../charts/args";
import * as versions from "../../../versions";

type Properties = Record<string, unknown>;

/** A resource as the program registered it. */
export interface Registered {
  /** The last part of the type, and the name: `Namespace mesh-linkerd`. */
  readonly id: string;
  readonly type: string;
  readonly name: string;
  /** What was given, secrets shown as they are. */
  readonly inputs: Properties;
  /** The same with `hidden` in place of each secret: what is left is in the clear in state and plans. */
  readonly visibleInputs: Properties;
  /** The outputs of a component, as `visibleInputs`. */
  visibleOutputs?: Properties;
  /** The id of the parent. */
  readonly parent?: string;
  /** The provider's URN and id; empty without one. */
  readonly provider: string;
  /** The ids of all that it waits for, given as `dependsOn` or through inputs. */
  readonly dependsOn: readonly string[];
  readonly ignoreChanges: readonly string[];
  /** The outputs that the engine is told to keep secret. */
  readonly secretOutputs: readonly string[];
  /** Whether a replacement waits until the old one is gone. */
  readonly deleteBeforeReplace: boolean;
  /** The URNs that it was known by before. */
  readonly aliases: readonly string[];
  /** When hooks run: `beforeCreate`, `beforeUpdate`. */
  readonly hooks: readonly string[];
}

export const hidden = "[secret]";

/** What a program registered, in the order in which it did. */
export class Registry {
  readonly all: Registered[] = [];

  /** Sorted, to compare with a whole expectation: what must not be made is what it does not list. */
  get ids(): string[] {
    return this.all.map((resource) => resource.id).sort();
  }

  get(id: string): Registered {
    const found = this.all.find((resource) => resource.id === id);
    return found ?? assert.fail(`there is no ${id}, but:\n${this.ids.join("\n")}`);
  }

  ofKind(kind: string): Registered[] {
    return this.all.filter((resource) => resource.id.startsWith(`${kind} `));
  }

  /** What stands at a dotted path of a resource's inputs. Keys that hold dots are not reached: take the whole map. */
  input(id: string, path: string): unknown {
    return at(this.get(id).inputs, path);
  }

  /** The ids of resources that hold a text, plain or in base64, where it is not marked as a secret. */
  showing(text: string): string[] {
    const forms = [text, Buffer.from(text).toString("base64")].map((form) =>
      JSON.stringify(form).slice(1, -1),
    );
    return this.all
      .filter(({ visibleInputs, visibleOutputs }) => {
        const visible = JSON.stringify([visibleInputs, visibleOutputs]);
        return forms.some((form) => visible.includes(form));
      })
      .map((resource) => resource.id);
  }
}

/** What stands at a dotted path, `undefined` if nothing does. */
export function at(value: unknown, path: string): unknown {
  return path.split(".").reduce<unknown>((found, key) => (isMap(found) ? found[key] : undefined), value);
}

export function isMap(value: unknown): value is Properties {
  return typeof value === "object" && value !== null;
}

/**
 * What a provider adds to the inputs of a resource, by type; Kubernetes and components add nothing that is used.
 * Every secret text is one that a test can look for.
 */
const outputs: Record<string, (name: string) => Properties> = {
  "pulumi:providers:kubernetes": () => ({}),
  "random:index/randomPassword:RandomPassword": () => ({ result: generatedPassword }),
  "tls:index/privateKey:PrivateKey": (name) => ({
    privateKeyPem: keyOf(name),
    privateKeyPemPkcs8: pkcs8KeyOf(name),
  }),
  "tls:index/certRequest:CertRequest": (name) => ({ certRequestPem: `request ${name}` }),
  "tls:index/selfSignedCert:SelfSignedCert": (name) => ({
    certPem: certificateOf(name),
    validityEndTime: endOf(name),
  }),
  "tls:index/locallySignedCert:LocallySignedCert": (name) => ({
    certPem: certificateOf(name),
    validityEndTime: endOf(name),
  }),
};

export const generatedPassword = "generated-password";
export const keyOf = (name: string): string => `-----BEGIN EC PRIVATE KEY-----\n${name}\n`;
export const pkcs8KeyOf = (name: string): string => `-----BEGIN PRIVATE KEY-----\n${name}\n`;
export const certificateOf = (name: string): string => `-----BEGIN CERTIFICATE-----\n${name}\n`;
export const endOf = (name: string): string => `the end of ${name}`;

/** Charts by the names and versions of the catalogue, without their files. */
export const charts: Charts = {
  chart: (name) => {
    const { version } = { ...versions.charts, ...versions.manifests }[name];
    return { chart: `./.charts/${name}-${version}`, version };
  },
};

type Done<Response> = (error: Error | null, response: Response) => void;

/** The part of the engine's interface that is listened to: mocks are not told of parents and dependencies. */
interface Monitor {
  registerResource(request: RegisterResourceRequest, done: Done<RegisterResourceResponse>): void;
  registerResourceOutputs(request: RegisterResourceOutputsRequest, done: Done<unknown>): void;
  registerResourceHook(request: unknown, done: Done<unknown>): void;
}

/** What a test adds to the mocks: outputs of resources by type, answers by token. */
export interface OwnMocks {
  readonly outputs?: Readonly<Record<string, (name: string) => Properties>>;
  readonly calls?: Readonly<Record<string, Properties>>;
}

/**
 * Runs a program on Pulumi's mocks until all that it made is registered.
 * An unknown type of resource, an invoke or a call fails it.
 */
export async function run<T>(
  program: () => T | Promise<T>,
  own: OwnMocks = {},
): Promise<{ result: T; made: Registry }> {
  const made = new Registry();
  const secretOutputs = new Map<string, readonly string[]>();
  const unknown: string[] = [];
  const refuse = (what: string): never => {
    unknown.push(what);
    throw new Error(`mocks do not know ${what}`);
  };
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const mocked = own.outputs?.[type] ?? outputs[type];
        const added = /^(faasmesh|kubernetes):/.test(type) ? {} : mocked?.(name);
        if (!added) return refuse(`resources of type ${type}`);
        // As the engine does with `additionalSecretOutputs`.
        const secret = secretOutputs.get(idOf(type, name)) ?? [];
        const entries = Object.entries(added).map(([key, value]): [string, unknown] => [
          key,
          secret.includes(key) ? pulumi.secret(value) : value,
        ]);
        return { id: `id of ${name}`, state: { ...(inputs as Properties), ...Object.fromEntries(entries) } };
      },
      call: ({ token }) => own.calls?.[token] ?? refuse(`the call ${token}`),
    },
    "faasmesh",
    "test",
  );
  listen(pulumi.runtime.getMonitor() as unknown as Monitor, made, secretOutputs);
  try {
    const result = await program();
    return { result, made };
  } finally {
    await pulumi.runtime.disconnect();
    // The SDK does not pass on what a mock throws.
    if (unknown.length > 0) assert.fail(`mocks do not know ${unknown.join(", ")}`);
  }
}

function listen(monitor: Monitor, made: Registry, secretOutputs: Map<string, readonly string[]>): void {
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, done) => {
    const resource = recordOf(request);
    made.all.push(resource);
    secretOutputs.set(resource.id, request.getAdditionalsecretoutputsList());
    register(request, done);
  };
  const registerOutputs = monitor.registerResourceOutputs.bind(monitor);
  monitor.registerResourceOutputs = (request, done) => {
    made.get(idOfUrn(request.getUrn())).visibleOutputs = view(
      request.getOutputs()?.toJavaScript(),
      false,
    ) as Properties;
    registerOutputs(request, done);
  };
  monitor.registerResourceHook = (_request, done) => done(null, {});
}

function recordOf(request: RegisterResourceRequest): Registered {
  const [type, name] = [request.getType(), request.getName()];
  const inputs = request.getObject()?.toJavaScript() ?? {};
  const hooks = request.getHooks();
  return {
    id: idOf(type, name),
    type,
    name,
    inputs: view(inputs, true) as Properties,
    visibleInputs: view(inputs, false) as Properties,
    ...(request.getParent() && { parent: idOfUrn(request.getParent()) }),
    provider: request.getProvider(),
    dependsOn: request.getDependenciesList().map(idOfUrn).sort(),
    ignoreChanges: request.getIgnorechangesList(),
    secretOutputs: request.getAdditionalsecretoutputsList(),
    deleteBeforeReplace: request.getDeletebeforereplace(),
    aliases: request.getAliasesList().map((alias) => formerUrn(alias, request)),
    hooks: [
      ...(hooks?.getBeforeCreateList().map(() => "beforeCreate") ?? []),
      ...(hooks?.getBeforeUpdateList().map(() => "beforeUpdate") ?? []),
    ],
  };
}

/** The URN that an alias stands for, as the engine makes it. */
function formerUrn(alias: Alias, request: RegisterResourceRequest): string {
  const spec = alias.getSpec();
  if (!spec) return alias.getUrn();
  const [urn, project, parentType] = spec.getParenturn().split("::");
  const type = spec.getType() || request.getType();
  const name = spec.getName() || request.getName();
  return [urn, project, `${parentType}$${type}`, name].join("::");
}

function idOf(type: string, name: string): string {
  return `${type.split(":").at(-1)} ${name}`;
}

function idOfUrn(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return idOf(types.split("$").at(-1) ?? "", name);
}

/** Properties as the program gave them, with or without what is marked as secret. */
function view(value: unknown, withSecrets: boolean): unknown {
  if (Array.isArray(value)) return value.map((each) => view(each, withSecrets));
  if (!isMap(value)) return value;
  if (value[pulumi.runtime.specialSigKey] === pulumi.runtime.specialSecretSig)
    return withSecrets ? view(value["value"], true) : hidden;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, view(each, withSecrets)]));
}

/** The value of an output, to await: an assertion in an `apply` that no one awaits never fails a test. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

/** Every child's name says whose it is: names of two components of one kind never clash. */
export function assertChildrenAreNamed(made: Registry): void {
  const strays = made.all.filter(({ name, parent }) => {
    const parentName = parent?.split(" ")[1];
    return parentName !== undefined && name !== parentName && !name.startsWith(`${parentName}-`);
  });
  assert.deepEqual(
    strays.map(({ id, parent }) => `${id}, child of ${parent}`),
    [],
  );
}
