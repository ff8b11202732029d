package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

const ofKnative = "/apis/networking.internal.knative.dev/v1alpha1"

func ingressText(name, class string, generation, observed int) string {
	return fmt.Sprintf(`{"metadata":{"name":%q,"namespace":"default","generation":%d,"annotations":{%q:%q}},"status":{"observedGeneration":%d}}`,
		name, generation, ingressClass, class, observed)
}

// reported returns the Ingresses whose status a layer writes, with the status.
func reported(t *testing.T, by layer, objects ...string) map[string]map[string]any {
	t.Helper()
	known := map[string]string{ofKnative + "/ingresses": `{"items":[` + strings.Join(objects, ",") + `]}`}
	for _, each := range objects {
		var found ingress
		if err := json.Unmarshal([]byte(each), &found); err != nil {
			t.Fatal(err)
		}
		known[ofKnative+"/namespaces/default/ingresses/"+found.Metadata.Name] = each
	}
	api, requests := apiServer(t, known)
	if err := by.report(context.Background(), api); err != nil {
		// The API server of the tests answers a PUT with nothing.
		t.Fatal(err)
	}
	written := map[string]map[string]any{}
	for _, each := range *requests {
		path, isWrite := strings.CutPrefix(each, "PUT "+ofKnative+"/namespaces/default/ingresses/")
		if !isWrite {
			continue
		}
		name, body, _ := strings.Cut(path, "/status ")
		var object struct{ Status map[string]any }
		if err := json.Unmarshal([]byte(body), &object); err != nil {
			t.Fatalf("%s: %v", each, err)
		}
		written[name] = object.Status
	}
	return written
}

func TestReportsEachGenerationOfItsIngresses(t *testing.T) {
	written := reported(t, kourierLayer,
		ingressText("new", "kourier.ingress.networking.knative.dev", 1, 0),
		ingressText("changed", "kourier.ingress.networking.knative.dev", 3, 2),
		ingressText("done", "kourier.ingress.networking.knative.dev", 2, 2),
		ingressText("other", "ambassador.ingress.networking.knative.dev", 1, 0),
	)
	if len(written) != 2 || written["new"]["observedGeneration"] != 1.0 || written["changed"]["observedGeneration"] != 3.0 {
		t.Fatalf("got %v, expected the status of `new` and `changed`", written)
	}
	conditions := fmt.Sprint(written["new"]["conditions"])
	if strings.Count(conditions, "status:True") != 3 || !strings.Contains(conditions, "type:Ready") {
		t.Errorf("got %s, expected three conditions that are true", conditions)
	}
	if text := fmt.Sprint(written["new"]["publicLoadBalancer"]); !strings.Contains(text, "kourier.kourier-system") {
		t.Errorf("got %s, expected Kourier's Service", text)
	}
}

func TestEmissaryReportsNoPublicAddress(t *testing.T) {
	written := reported(t, emissaryLayer, ingressText("new", "ambassador.ingress.networking.knative.dev", 1, 0))
	if _, isPublic := written["new"]["publicLoadBalancer"]; len(written) != 1 || isPublic {
		t.Errorf("got %v, expected a status without a public address", written)
	}
}

func TestWaitsForKnative(t *testing.T) {
	api, requests := apiServer(t, nil)
	if err := kourierLayer.report(context.Background(), api); err != nil || len(*requests) != 1 {
		t.Errorf("got %v after %v, expected no error before Knative's definitions exist", err, *requests)
	}
}
