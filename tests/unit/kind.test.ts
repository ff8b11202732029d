import assert from "node:assert/strict";
import { invocations } from "../kind/invocations";

describe("calls of functions, by the gateway's metrics", () => {
  const metrics = [
    "# TYPE gateway_function_invocation_total counter",
    'gateway_function_invocation_total{code="200",function_name="echo-green.openfaas-fn"} 1795',
    'gateway_function_invocation_total{code="502",function_name="echo-green.openfaas-fn"} 3',
    'gateway_function_invocation_total{code="200",function_name="echo-blue.openfaas-fn"} 2.05e+02',
    'gateway_function_invocation_started{function_name="echo-blue.openfaas-fn"} 999',
    'gateway_functions_seconds_count{code="200",function_name="echo.openfaas-fn"} 999',
  ].join("\n");

  it("are those with success", () => {
    assert.deepEqual(invocations([metrics]), { "echo-green": 1795, "echo-blue": 205 });
  });

  it("are of all replicas", () => {
    assert.deepEqual(invocations([metrics, metrics, ""]), { "echo-green": 3590, "echo-blue": 410 });
  });
});
