package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const chartValues = `
linkerdVersion: edge-1.2.3
proxy:
  image: { name: example.com/proxy, version: "" }
  uid: 2102
proxyInit: { ignoreInboundPorts: "4567,4568", ignoreOutboundPorts: "", runAsUser: 0 }
`

func parsePod(t *testing.T, text string) pod {
	t.Helper()
	var parsed pod
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

func TestInjectsByAnnotation(t *testing.T) {
	for name, each := range map[string]struct {
		pod, namespace map[string]string
		spec           string
		want           bool
	}{
		"neither":         {spec: "{}"},
		"the namespace's": {namespace: map[string]string{injectKey: "enabled"}, spec: "{}", want: true},
		"the pod's":       {pod: map[string]string{injectKey: "ingress"}, spec: "{}", want: true},
		"the pod's, which wins": {
			pod: map[string]string{injectKey: "disabled"}, namespace: map[string]string{injectKey: "enabled"}, spec: "{}",
		},
		"on the host's network": {namespace: map[string]string{injectKey: "enabled"}, spec: `{"hostNetwork":true}`},
		"with a proxy": {
			namespace: map[string]string{injectKey: "enabled"}, spec: `{"initContainers":[{"name":"linkerd-proxy"}]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			object := parsePod(t, `{"spec":`+each.spec+`}`)
			if got := (annotations{each.pod, each.namespace}).isInjected(object); got != each.want {
				t.Errorf("got %t, expected %t", got, each.want)
			}
		})
	}
}

// paths are the paths that a patch adds to, in order.
func paths(operations []operation) []string {
	var all []string
	for _, each := range operations {
		all = append(all, each.Path)
	}
	return all
}

func valueAt(operations []operation, path string) map[string]any {
	for _, each := range operations {
		if each.Path == path {
			return each.Value.(map[string]any)
		}
	}
	return nil
}

func TestAddsANativeSidecarAfterProxyInit(t *testing.T) {
	chart, err := readValues([]byte(chartValues))
	if err != nil {
		t.Fatal(err)
	}
	object := parsePod(t, `{"spec":{"containers":[{"name":"a","ports":[{"containerPort":8080}]}],"volumes":[{}]}}`)
	set := annotations{
		pod:       map[string]string{configPrefix + "skip-outbound-ports": "4222", configPrefix + "proxy-cpu-request": "10m"},
		namespace: map[string]string{configPrefix + "skip-inbound-ports": "9", injectKey: "enabled"},
	}
	operations := patch(object, set, chart, "apps")
	for _, path := range []string{"/metadata/annotations", "/metadata/labels", "/spec/initContainers"} {
		if !slices.Contains(paths(operations), path) {
			t.Errorf("%s is not added", path)
		}
	}
	if slices.Contains(paths(operations), "/spec/volumes") {
		t.Error("the pod's volumes are replaced")
	}
	first := valueAt(operations, "/spec/initContainers/0")
	args := strings.Join(first["args"].([]string), " ")
	if !strings.Contains(args, "--inbound-ports-to-ignore 4190,4191,9 --outbound-ports-to-ignore 4222") {
		t.Errorf("proxy-init's arguments: %s", args)
	}
	sidecar := valueAt(operations, "/spec/initContainers/1")
	if sidecar["restartPolicy"] != "Always" || sidecar["image"] != "example.com/proxy:edge-1.2.3" {
		t.Errorf("sidecar: %v", sidecar)
	}
	text, _ := json.Marshal(sidecar)
	for _, part := range []string{`"requests":{"cpu":"10m"}`, `{"name":"LINKERD2_PROXY_INBOUND_PORTS","value":"8080"}`} {
		if !bytes.Contains(text, []byte(part)) {
			t.Errorf("the sidecar has no %s: %s", part, text)
		}
	}
}

func TestExcludesTheChartsPortsByDefault(t *testing.T) {
	chart, _ := readValues([]byte(chartValues))
	args := initContainer(annotations{}, chart)["args"].([]string)
	if !slices.Contains(args, "4190,4191,4567,4568") || slices.Contains(args, "--outbound-ports-to-ignore") {
		t.Errorf("arguments: %v", args)
	}
}

func TestAnOrdinarySidecarWhereTheChartSaysSo(t *testing.T) {
	chart, _ := readValues([]byte(chartValues + "cniEnabled: true\n"))
	isNative := false
	chart.Proxy.NativeSidecar = &isNative
	operations := patch(parsePod(t, `{"spec":{"containers":[{"name":"a"}]}}`), annotations{}, chart, "apps")
	if valueAt(operations, "/spec/containers/-")["name"] != proxyContainer {
		t.Error("no sidecar among the containers")
	}
	if slices.Contains(paths(operations), "/spec/initContainers/0") {
		t.Error("proxy-init, although the CNI plugin is used")
	}
}

// admit sends an object to a webhook, and returns its patch.
func admit(t *testing.T, mutate mutation, object string) []operation {
	t.Helper()
	body := `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview",
		"request":{"uid":"u1","kind":{"kind":"Pod"},"namespace":"apps","object":` + object + `}}`
	recorded := httptest.NewRecorder()
	admission(mutate).ServeHTTP(recorded, httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body)))
	var answer review
	if err := json.Unmarshal(recorded.Body.Bytes(), &answer); err != nil || answer.Response == nil {
		t.Fatalf("%d %s", recorded.Code, recorded.Body)
	}
	if answer.Response.UID != "u1" || !answer.Response.Allowed || answer.APIVersion != "admission.k8s.io/v1" {
		t.Errorf("response: %+v", answer)
	}
	var operations []operation
	if len(answer.Response.Patch) > 0 {
		if err := json.Unmarshal(answer.Response.Patch, &operations); err != nil {
			t.Fatal(err)
		}
	}
	return operations
}

func TestReadsTheNamespaceOfAPod(t *testing.T) {
	api, requests := apiServer(t, map[string]string{
		"/api/v1/namespaces/apps": `{"metadata":{"annotations":{"linkerd.io/inject":"disabled"}}}`,
	})
	if operations := admit(t, inject(api), `{"spec":{"containers":[]}}`); len(operations) != 0 {
		t.Errorf("patch: %v", operations)
	}
	if !slices.Equal(*requests, []string{"GET /api/v1/namespaces/apps"}) {
		t.Errorf("requests: %v", *requests)
	}
}

func TestTapNamesItsServiceToTheProxy(t *testing.T) {
	object := `{"spec":{"containers":[{"name":"a"}],"initContainers":[{"name":"x"},{"name":"linkerd-proxy"}]}}`
	added := paths(admit(t, tap("tap.example"), object))
	want := []string{
		"/metadata/annotations", "/metadata/annotations/viz.linkerd.io~1tap-enabled",
		"/spec/initContainers/1/env", "/spec/initContainers/1/env/-",
	}
	if !slices.Equal(added, want) {
		t.Errorf("got %v, expected %v", added, want)
	}
	if again := admit(t, tap("tap.example"), `{"spec":{"containers":[{"name":"a"}]}}`); len(again) != 0 {
		t.Errorf("a pod without a proxy gets %v", again)
	}
}

func TestRefusesWhatIsNoReview(t *testing.T) {
	recorded := httptest.NewRecorder()
	admission(allow).ServeHTTP(recorded, httptest.NewRequest(http.MethodPost, "/", strings.NewReader("{}")))
	if recorded.Code != http.StatusBadRequest {
		t.Errorf("status %d", recorded.Code)
	}
}

// secretFolder holds files like a mounted Secret.
func secretFolder(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}
